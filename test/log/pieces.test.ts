import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Pieces, type PiecesEnd } from '../../src/log/pieces.ts';
import { readPosition } from '../../src/log/position.ts';
import { LogReader } from '../../src/log/reader.ts';
import { LogWatcher } from '../../src/log/watcher.ts';
import { pause } from '../../src/time/poll.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const MIB = 1024 * 1024;

function open(end: PiecesEnd): { path: string; pieces: AsyncIterable<Buffer> } {
	const path = join(temporaryFolder(), 'log');
	const mark = readPosition(path);
	writeFileSync(path, '');
	const [reader, watcher] = [new LogReader(mark), new LogWatcher(path)];
	onTestFinished(() => {
		reader.close();
		watcher.close();
	});
	return { path, pieces: new Pieces(reader, watcher, end) };
}

test('a log is read up to the size that it had when the time was over, however it grows', async () => {
	const { path, pieces } = open({ signal: AbortSignal.abort() });
	appendFileSync(path, 'x'.repeat(MIB));
	let read = 0;
	for await (const piece of pieces) {
		read += piece.length;
		if (read > 2 * MIB) break;
		appendFileSync(path, 'y'.repeat(2 * piece.length));
	}
	expect(read).toBe(MIB);
});

test('a log is read only briefly when no time is left, and the unread amount is reported', async () => {
	let unread = 0;
	const note = (bytes: number) => {
		unread = bytes;
	};
	const { path, pieces } = open({ signal: AbortSignal.abort(), hurry: AbortSignal.abort(), onUnread: note });
	appendFileSync(path, 'x'.repeat(8 * MIB));
	let read = 0;
	let othersHadTheirTurn = false;
	setImmediate(() => {
		othersHadTheirTurn = true;
	});
	for await (const piece of pieces) {
		read += piece.length;
		// Matching would block in the same way.
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
	}
	expect(othersHadTheirTurn).toBe(true);
	expect(unread).toBeGreaterThan(0);
	expect(read + unread).toBe(8 * MIB);
});

test('the first half of a character is not kept back for ever', async () => {
	const over = new AbortController();
	const { path, pieces } = open({ signal: over.signal });
	appendFileSync(path, Buffer.from('caf\xE9', 'latin1'));
	let text = '';
	for await (const piece of pieces) {
		text += piece;
		if (text === 'caf\uFFFDcaf\uFFFD') break;
		if (text !== 'caf\uFFFD') continue;
		appendFileSync(path, Buffer.from('caf\xE9', 'latin1'));
		over.abort();
	}
	expect(text).toBe('caf\uFFFDcaf\uFFFD');
});

test('the second half of a character may come a moment after the first', async () => {
	const texts: string[] = [];
	// On a busy machine that moment may be too long: then again.
	while (texts.length < 20 && !texts.includes('✓')) {
		const over = new AbortController();
		const { path, pieces } = open({ signal: over.signal });
		const [first, second] = [Buffer.from('✓').subarray(0, 1), Buffer.from('✓').subarray(1)];
		appendFileSync(path, first);
		let text = '';
		const reading = (async () => {
			for await (const piece of pieces) text += piece;
		})();
		await pause(5);
		appendFileSync(path, second);
		over.abort();
		await reading;
		texts.push(text);
	}
	expect(texts).toContain('✓');
});

test('an empty piece says that the log is at rest, if that matters, and a closed watcher keeps nobody waiting', async () => {
	const path = join(temporaryFolder(), 'log');
	writeFileSync(path, '');
	const [reader, watcher] = [new LogReader(readPosition(path)), new LogWatcher(path)];
	const { signal } = new AbortController();
	const pieces = new Pieces(reader, watcher, { signal, asksForRest: () => true });
	appendFileSync(path, 'port 80');
	const first = await pieces.next();
	expect(String(first.value)).toBe('port 80');
	expect(String((await pieces.next()).value)).toBe('');
	const waiting = watcher.next(signal);
	reader.close();
	watcher.close();
	await waiting;
});
