import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPosition, watchForRewrite } from '../../src/log/position.ts';
import { LogReader } from '../../src/log/reader.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

function open(content?: string): { path: string; reader: LogReader } {
	const path = join(temporaryFolder(), 'log');
	if (content !== undefined) writeFileSync(path, content);
	const reader = new LogReader(readPosition(path));
	onTestFinished(() => reader.close());
	return { path, reader };
}

function readAll(reader: LogReader): string {
	let text = '';
	for (let piece = reader.read(); piece.length > 0; piece = reader.read()) text += piece.toString();
	return text;
}

test('old text is not read, and new text is read once', () => {
	const { path, reader } = open('old\n');
	expect(reader.read().toString()).toBe('');
	appendFileSync(path, 'new\n');
	expect(reader.read().toString()).toBe('new\n');
	expect(reader.read().toString()).toBe('');
});

test('a file that comes later is read from its beginning', () => {
	const { path, reader } = open();
	expect(reader.read().toString()).toBe('');
	writeFileSync(path, 'first\n');
	expect(reader.read().toString()).toBe('first\n');
});

test('a character that is written in two halves is read as one', () => {
	const { path, reader } = open('');
	const [bytes, more] = [Buffer.from('ready ✓'), Buffer.from(' now')];
	appendFileSync(path, bytes.subarray(0, -1));
	expect(readAll(reader)).toBe('ready ');
	appendFileSync(path, Buffer.concat([bytes.subarray(-1), more]));
	expect(readAll(reader)).toBe('✓ now');
});

test('text that is larger than a buffer arrives completely', () => {
	const { path, reader } = open('');
	const text = 'äöü line\n'.repeat(400_000);
	appendFileSync(path, text);
	expect(readAll(reader)).toBe(text);
});

test('a truncated file is read from its new beginning', () => {
	const { path, reader } = open('old\n');
	appendFileSync(path, 'before\n');
	expect(readAll(reader)).toBe('before\n');
	truncateSync(path);
	appendFileSync(path, 'after\n');
	expect(readAll(reader)).toBe('after\n');
});

test('a file that was rewritten and became longer is read from its beginning', () => {
	const path = join(temporaryFolder(), 'log');
	writeFileSync(path, 'old, but of some length\n');
	const mark = readPosition(path);
	writeFileSync(path, 'new, and by now it is longer than before\n');
	const reader = new LogReader(mark);
	onTestFinished(() => reader.close());
	expect(readAll(reader)).toBe('new, and by now it is longer than before\n');
});

test('a file that was written anew is known by more than its last line', () => {
	const path = join(temporaryFolder(), 'log');
	writeFileSync(path, 'run of 10:04:05\nloading modules, please wait\n');
	const mark = readPosition(path);
	const anew = 'run of 10:04:06\nloading modules, please wait\nready\n';
	writeFileSync(path, anew);
	const reader = new LogReader(mark);
	onTestFinished(() => reader.close());
	expect(readAll(reader)).toBe(anew);
});

test('a file that was rewritten with the same text is read from its beginning', () => {
	const { path, reader } = open('ready\n');
	expect(reader.read().toString()).toBe('');
	writeFileSync(path, 'ready\n');
	// File systems keep time in steps of some ms.
	utimesSync(path, new Date(), new Date(Date.now() + 1000));
	expect(readAll(reader)).toBe('ready\n');
	expect(readAll(reader)).toBe('');
	appendFileSync(path, 'more\n');
	expect(readAll(reader)).toBe('more\n');
});

test('a file that was seen empty and then grew beyond its old size is read from its beginning', async () => {
	const path = join(temporaryFolder(), 'log');
	writeFileSync(path, 'ready\n');
	const mark = readPosition(path);
	onTestFinished(watchForRewrite(mark));
	truncateSync(path);
	await expect.poll(() => mark.wasRewritten).toBe(true);
	writeFileSync(path, 'ready\nand more\n');
	const reader = new LogReader(mark);
	onTestFinished(() => reader.close());
	expect(readAll(reader)).toBe('ready\nand more\n');
});

test('a rotated file is read to its end, then the new one', () => {
	const { path, reader } = open('old\n');
	appendFileSync(path, 'last words\n');
	renameSync(path, `${path}.1`);
	writeFileSync(path, 'first words\n');
	expect(readAll(reader)).toBe('last words\nfirst words\n');
});

test('a file that was removed is read on while it is open', () => {
	const { path, reader } = open('');
	appendFileSync(path, 'one\n');
	expect(readAll(reader)).toBe('one\n');
	rmSync(path);
	expect(readAll(reader)).toBe('');
	writeFileSync(path, 'two\n');
	expect(readAll(reader)).toBe('two\n');
});
