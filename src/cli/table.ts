/** Columns and times for people. */

/** Left-aligned columns, two spaces apart. */
export function toTable(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
	return rows
		.map(row =>
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

/** Such as `31 ms`, `12 s`, `5 min`, `3 h`, `2 d`. */
export function showTime(ms: number): string {
	const units = [
		[86_400_000, 'd'],
		[3_600_000, 'h'],
		[60_000, 'min'],
		[1000, 's'],
	] as const;
	const [size, unit] = units.find(([length]) => ms >= length) ?? [1, 'ms'];
	return `${Math.floor(ms / size)} ${unit}`;
}
