/** The loader that a Linux executable names, which the kernel starts before the program (elf(5)). */
import { closeSync, openSync, readSync } from 'node:fs';

/** The type of the program header that names the loader. */
const PT_INTERP = 3;
/** PATH_MAX: the kernel refuses a longer name. */
const LONGEST_NAME = 4096;
/** An ordinary executable has about a dozen. */
const MOST_HEADERS = 100;

/** Such as `/lib64/ld-linux-x86-64.so.2`; undefined if the file is not an ELF file or is linked statically. */
export function readLoader(path: string): string | undefined {
	const file = openSync(path, 'r');
	try {
		return findLoader((length, from) => {
			const buffer = Buffer.alloc(length);
			return buffer.subarray(0, readSync(file, buffer, 0, length, from));
		});
	} finally {
		closeSync(file);
	}
}

function findLoader(read: (length: number, from: number) => Buffer): string | undefined {
	const start = read(64, 0);
	if (start.length < 64 || start.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
	const [is64, isLittle] = [start[4] === 2, start[5] === 1];
	const half = (from: number) => (isLittle ? start.readUInt16LE(from) : start.readUInt16BE(from));
	const word = (buffer: Buffer, from64: number, from32: number) => {
		if (is64) return Number(isLittle ? buffer.readBigUInt64LE(from64) : buffer.readBigUInt64BE(from64));
		return isLittle ? buffer.readUInt32LE(from32) : buffer.readUInt32BE(from32);
	};
	const [size, count] = [is64 ? 56 : 32, Math.min(half(is64 ? 56 : 44), MOST_HEADERS)];
	const headers = read(size * count, word(start, 32, 28));
	for (let from = 0; from + size <= headers.length; from += size) {
		const header = headers.subarray(from, from + size);
		if ((isLittle ? header.readUInt32LE(0) : header.readUInt32BE(0)) !== PT_INTERP) continue;
		const name = read(Math.min(word(header, 32, 16), LONGEST_NAME), word(header, 8, 4));
		return name.toString('latin1').replace(/\0[\s\S]*/, '');
	}
	return undefined;
}
