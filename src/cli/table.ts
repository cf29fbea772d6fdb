/** Columns for people. */
import { printable } from '../printable.ts';

/** Left-aligned columns, two spaces apart. A cell is one line, whatever is in it. */
export function toTable(texts: readonly (readonly string[])[]): string {
	const rows = texts.map(row => row.map(printable));
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
