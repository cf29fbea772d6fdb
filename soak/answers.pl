#!/usr/bin/env perl
# A tiny HTTP server: listens on the port, or on the socket that it inherits, and answers every request with a word.
# Before that it may say both to a named pipe, and wait for so many ms.
# answers.pl PORT WORD [PIPE WAIT_MS]
use strict;
use warnings;
use Socket;

my ($port, $word, $pipe, $wait) = @ARGV;
if ($pipe) {
	open(my $news, '>', $pipe) or die "$pipe: $!";
	syswrite($news, "$port $word\n");
	close($news);
	select(undef, undef, undef, $wait / 1000);
}
my $listener;
if ($ENV{LISTEN_FDS}) {
	open($listener, '+<&=', 3) or die "descriptor 3: $!";
} else {
	socket($listener, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
	setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
	bind($listener, sockaddr_in($port, INADDR_LOOPBACK)) or die "127.0.0.1:$port: $!\n";
	listen($listener, 128) or die "127.0.0.1:$port: $!\n";
}
$SIG{PIPE} = 'IGNORE';
while (accept(my $client, $listener)) {
	my $request = '';
	while ($request !~ /\r\n\r\n/) { sysread($client, $request, 4096, length $request) or last; }
	syswrite($client, "HTTP/1.0 200 OK\r\n\r\n$word\n");
	close($client);
}
