/** Mosquitto is ready when it accepts connections at its port. */
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const mosquitto = useDaemon({ startupCommand: 'mosquitto -p {port}', port: 'auto' });

test('Mosquitto accepts a client', async () => {
	const client = connect(mosquitto.port, '127.0.0.1');
	const hello = '100c 0004 4d515454 04 02 003c 0000'; // CONNECT of MQTT 3.1.1, without a client id
	const goodbye = 'e000'; // DISCONNECT
	client.write(Buffer.from((hello + goodbye).replaceAll(' ', ''), 'hex'));
	expect((await buffer(client)).toString('hex')).toBe('20020000'); // CONNACK: accepted
});
