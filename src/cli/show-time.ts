/** Shows a length of time to people. */

/** Such as `85 ms`, `1.2 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h`. */
export function showTime(ms: number): string {
	if (ms < 999.5) return `${Math.round(ms)} ms`;
	if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	const [size, unit, part, smaller] = UNITS.find(([length]) => seconds >= length) ?? MINUTES;
	const rest = Math.floor((seconds % size) / part);
	return `${Math.floor(seconds / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${smaller}`}`;
}

const MINUTES = [60, 'min', 1, 's'] as const;
const UNITS = [[86_400, 'd', 3600, 'h'], [3600, 'h', 60, 'min'], MINUTES] as const;
