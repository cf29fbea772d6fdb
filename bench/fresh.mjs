/**
 * A fresh Node process: `fresh.mjs import URL` loads a module, `fresh.mjs cycle FILE NAME PACKAGE FIXTURE STAMPS` loads
 * a contender and has it make one cycle. It prints the milliseconds, and its memory in MB.
 */
import { now } from './clock.mjs';

const [, , what, file = '', exported = '', packageFolder = '', fixture = '', stamps = ''] = process.argv;
const began = now();
if (what === 'import') {
	await import(file);
} else {
	const contender = await import(file);
	const cycle = contender.prepare ? await contender.prepare(exported, packageFolder) : contender[exported];
	const daemon = { file: fixture, args: [stamps, 'line', '0', '0'], command: '', port: 0, name: 'daemon', stamps };
	await cycle(daemon, () => {});
}
console.log(JSON.stringify({ ms: (now() - began) / 1e6, rss: process.memoryUsage.rss() / 1e6 }));
process.exit();
