/** What an HTTP answer has to be like, and how it falls short of that. */
import { types } from 'node:util';
import { isRecord, type Rule, show } from '../option-rules.ts';
import { type HttpAnswer, LONGEST_BODY } from './http-request.ts';

/** A range of statuses, both ends included. */
export interface StatusRange {
	readonly from: number;
	readonly to: number;
}

/** A status, a range, a list of both, or a function that says whether a status will do. */
export type ExpectedStatus =
	| number
	| StatusRange
	| readonly (number | StatusRange)[]
	| ((status: number) => boolean | Promise<boolean>);

/** Text that the body contains, a RegExp that it matches, or a function that says whether a body will do. */
export type ExpectedBody = string | RegExp | ((body: string) => boolean | Promise<boolean>);

interface ExpectedAnswer {
	readonly status: ExpectedStatus;
	readonly body: ExpectedBody | undefined;
}

const isStatus = (value: unknown) => Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599;
const isRange = (value: unknown) =>
	isRecord(value) && isStatus(value['from']) && isStatus(value['to']) && Number(value['from']) <= Number(value['to']);
const isStatuses = (value: unknown) => isStatus(value) || isRange(value);

export const statusRule: Rule = {
	expected: 'a status from 100 to 599, a range { from, to }, an array of both, or a function',
	accepts: value =>
		isStatuses(value) ||
		typeof value === 'function' ||
		(Array.isArray(value) && value.length > 0 && value.every(isStatuses)),
};

export const bodyRule: Rule = {
	expected: 'a string that is not empty, a RegExp or a function',
	accepts: value => (typeof value === 'string' && value !== '') || types.isRegExp(value) || typeof value === 'function',
};

/** True, or the reason why this is not the expected answer. What a function throws is a reason, too. */
export async function compare(answer: HttpAnswer, { status, body }: ExpectedAnswer): Promise<true | string> {
	const wrongStatus = await findWrongStatus(answer.status, status);
	if (wrongStatus !== undefined) return wrongStatus;
	if (body === undefined || (await isBody(answer.body, body))) return true;
	const length = Buffer.byteLength(answer.body);
	const part = length < LONGEST_BODY ? '' : `the first ${LONGEST_BODY} bytes of `;
	const seen = length === 0 ? 'it is empty' : show(answer.body);
	return `${answer.status}, but ${part}its body ${describeBody(body)}: ${seen}`;
}

async function findWrongStatus(status: number, expected: ExpectedStatus): Promise<string | undefined> {
	if (typeof expected !== 'function')
		return list(expected).some(({ from, to }) => from <= status && status <= to)
			? undefined
			: `${status} instead of ${list(expected).map(describeRange).join(' or ')}`;
	return (await expected(status)) === true ? undefined : `${status}, which is not what \`status\` asks for`;
}

const list = (expected: Exclude<ExpectedStatus, (...args: never[]) => unknown>): StatusRange[] =>
	[expected].flat().map(one => (typeof one === 'number' ? { from: one, to: one } : one));

const describeRange = ({ from, to }: StatusRange) => (from === to ? `${from}` : `${from} to ${to}`);

async function isBody(text: string, expected: ExpectedBody): Promise<boolean> {
	if (typeof expected === 'string') return text.includes(expected);
	if (typeof expected === 'function') return (await expected(text)) === true;
	// A RegExp with the flag g or y would go on where its last match ended.
	return text.search(expected) !== -1;
}

function describeBody(expected: ExpectedBody): string {
	if (typeof expected === 'string') return `does not contain ${JSON.stringify(expected)}`;
	return typeof expected === 'function' ? 'is not what `body` asks for' : `does not match ${expected}`;
}
