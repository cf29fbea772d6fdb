/**
 * Commands of daemons that speak to NOTIFY_SOCKET. They need perl, which is a part of every Debian, as no shell can.
 */

/** Sends these datagrams, and goes on. */
export const says = (...datagrams: string[]) => [
	'perl',
	'-MSocket',
	'-e',
	`socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; connect($s, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!;
	for (@ARGV) { defined(send($s, $_, 0)) or die $! } sleep 1000`,
	...datagrams,
];
/** Can `say_` something, and has a child that becomes `sleep`, in a session of its own. */
export const perl = (script: string) => [
	...['perl', '-MSocket', '-MPOSIX=setsid', '-e'],
	`sub say_ { socket(my $s, AF_UNIX, SOCK_DGRAM, 0); connect($s, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!;
	for (@_) { defined(send($s, $_, 0)) or die $! } }
	$| = 1; print "first $$\\n"; pipe(my $r, my $w); my $child = fork;
	unless ($child) { setsid(); close $w; ${script.includes('#late') ? 'readline $r; say_("READY=1");' : ''} exec "sleep", 1000 }
	${script}`,
];
