/** Makes a Linux executable that contains only the name of its loader (elf(5)). */
const MACHINES: Partial<Record<string, number>> = { x64: 62, arm64: 183 };

export function elfFile(loader: string, { bits = 64, isLittle = true } = {}): Buffer {
	const is64 = bits === 64;
	const [headerSize, programSize] = is64 ? [64, 56] : [52, 32];
	const name = Buffer.from(`${loader}\0`);
	const file = Buffer.alloc(headerSize + programSize + name.length);
	const half = (value: number, at: number) =>
		void (isLittle ? file.writeUInt16LE(value, at) : file.writeUInt16BE(value, at));
	const word = (value: number, at: number) =>
		void (isLittle ? file.writeUInt32LE(value, at) : file.writeUInt32BE(value, at));
	/** As wide as an address. */
	const wide = (value: number, at: number) => word(value, is64 && !isLittle ? at + 4 : at);
	file.write('\x7fELF', 'latin1');
	file.set([is64 ? 2 : 1, isLittle ? 1 : 2, 1], 4);
	half(2, 16);
	half(MACHINES[process.arch] ?? 0, 18);
	word(1, 20);
	wide(headerSize, is64 ? 32 : 28);
	half(headerSize, is64 ? 52 : 40);
	half(programSize, is64 ? 54 : 42);
	half(1, is64 ? 56 : 44);
	word(3, headerSize);
	wide(headerSize + programSize, headerSize + (is64 ? 8 : 4));
	wide(name.length, headerSize + (is64 ? 32 : 16));
	file.set(name, headerSize + programSize);
	return file;
}
