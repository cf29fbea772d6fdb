import { expect, test } from 'vitest';
import { any, DaemonError, type DaemonOptions, holds, not, startDaemon, withDaemon } from '../../src/index.ts';
import { toProbe } from '../../src/readiness/to-probe.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { fixture } from '../support/fixtures.ts';
import { freePort } from '../support/ports.ts';

const answers = (port: number | string) => ({ startupCommand: [fixture('answers-http.mjs'), port] });
const stays = { startupCommand: [fixture('never-ready.sh')] };

test('a URL stands for `responds`, alone, in a list and inside other probes', async () => {
	const options = { ...answers('{port}'), port: 'auto' } as const;
	const never = () => false;
	const list = [any([never, 'http://127.0.0.1:{port}/']), holds('http://localhost:{port}', { forMs: 1 })];
	for (const ready of ['http://127.0.0.1:{port}/health', list] satisfies DaemonOptions['ready'][])
		await withDaemon({ ...options, ready }, async ({ port }) => {
			expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('hello');
		});
	const port = await freePort();
	await withDaemon({ ...answers(port), ready: new URL(`http://127.0.0.1:${port}`) }, () => {});
	await withDaemon({ ...stays, ready: not(`http://127.0.0.1:${port}`) }, () => {});
});

test('a URL that does not answer is named with the reason', async () => {
	const port = await freePort();
	const check = checkOf(toProbe(`http://127.0.0.1:${port}/health`));
	const answer = await check.look?.(new AbortController().signal, thisProcess);
	expect(`${check.name}   ${answer}`).toBe(`GET http://127.0.0.1:${port}/health   ECONNREFUSED`);
});

test('a start that is over before its ports are known fails as without a URL', async () => {
	const options = { ...answers('{port}'), port: 'auto', ready: 'http://127.0.0.1:{port}' } as const;
	await expect(startDaemon({ ...options, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(DaemonError);
});

test('any other string is refused with what was expected', async () => {
	// @ts-expect-error: only the URLs of HTTP are probes.
	const ready: DaemonOptions['ready'] = 'localhost:8080';
	await expect(startDaemon({ ...stays, ready })).rejects.toThrowErrorMatchingInlineSnapshot(`
		[InvalidOptionError: Expected \`ready\` to be a probe, such as logged('ready'), a URL of http or https, or a function, or a list of these, but got "localhost:8080" (string).]
	`);
	for (const wrong of ['ftp://localhost', 'http://', new URL('file:///x')])
		await expect(startDaemon({ ...stays, ready: [wrong as never] })).rejects.toThrow('a URL of http or https');
});
