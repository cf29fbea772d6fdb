/** etcd has two ports, and an HTTP endpoint that says when it is ready. */
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const client = 'http://127.0.0.1:{ports.client}';
const peer = 'http://127.0.0.1:{ports.peer}';
const etcd = useDaemon({
	startupCommand: [
		...['etcd', '--data-dir', '{dir}/data', '--initial-cluster', `default=${peer}`],
		...['--listen-client-urls', client, '--advertise-client-urls', client],
		...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
	],
	ports: { client: 'auto', peer: 'auto' },
	ready: `${client}/health`,
});

test('etcd accepts a value', async () => {
	const body = JSON.stringify({ key: btoa('greeting'), value: btoa('hello') });
	const response = await fetch(`http://127.0.0.1:${etcd.ports['client']}/v3/kv/put`, { method: 'POST', body });
	expect(response.status).toBe(200);
});
