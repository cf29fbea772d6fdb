/** The probe `responds`: an HTTP server gives the wanted answer. */
import { describeThrown } from '../error-text.ts';
import { boolean, findGivenProblems, isRecord, isText, ms, type Rule, text } from '../option-rules.ts';
import { hasCode } from '../os/errno.ts';
import { nextTurn } from '../time/clock.ts';
import { Part } from '../time/deadline.ts';
import type { Look, ProbedDaemon } from './check.ts';
import { bodyRule, compare, type ExpectedBody, type ExpectedStatus, statusRule } from './expected-answer.ts';
import { type HttpRequest, loadHttp, send } from './http-request.ts';
import { Pace, polled } from './polled.ts';
import { arrivesAt, describeForeign, isOwn } from './port-owner.ts';
import { makeProbe, type Probe } from './probe.ts';
import { TryLimit } from './try-limit.ts';

export interface RespondsOptions {
	/** The wanted status. Defaults to the range from 200 to 399: a redirect is an answer, and is not followed. */
	readonly status?: ExpectedStatus | undefined;
	/** What the body has to be like; its first MiB is read. Absent: any body will do. */
	readonly body?: ExpectedBody | undefined;
	/** Defaults to `'GET'`. */
	readonly method?: string | undefined;
	/** Headers to add. */
	readonly headers?: Readonly<Record<string, string | number>> | undefined;
	/** The path of a unix socket to connect to, instead of the host and port of the URL. */
	readonly socketPath?: string | undefined;
	/** Certificates in PEM that are trusted instead of those that Node knows. */
	readonly ca?: HttpRequest['ca'];
	/** Defaults to true. With false, any certificate is accepted, such as a self-signed one. */
	readonly rejectUnauthorized?: boolean | undefined;
	/**
	 * Ms that one try may take. Defaults to 1000. Each try that is not answered in time doubles it, up to what is left of
	 * the startup.
	 */
	readonly tryTimeout?: number | undefined;
}

const TRY_MS = 1000;
const DEFAULT_STATUS: ExpectedStatus = { from: 200, to: 399 };

/** The characters of RFC 9110, 5: Node would refuse others at each request. */
const isHeader = ([name, value]: [string, unknown]) =>
	/^[!#$%&'*+.^_`|~\w-]+$/.test(name) &&
	(Number.isFinite(value) || (typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)));
const isPem = (value: unknown) => isText(value) || Buffer.isBuffer(value);
const rules: Readonly<Record<keyof RespondsOptions | 'url', Rule>> = {
	url: { expected: 'a URL that begins with http:// or https://', accepts: isHttpUrl },
	status: statusRule,
	body: bodyRule,
	method: { expected: 'a method such as GET', accepts: value => typeof value === 'string' && /^[A-Z]+$/.test(value) },
	headers: {
		expected: 'an object of headers, as HTTP allows them, whose values are strings or numbers',
		accepts: value => isRecord(value) && Object.entries(value).every(isHeader),
	},
	socketPath: text,
	ca: {
		expected: 'a string or a Buffer in PEM, or an array of these',
		accepts: value => isPem(value) || (Array.isArray(value) && value.length > 0 && value.every(isPem)),
	},
	rejectUnauthorized: boolean,
	tryTimeout: ms,
};

/** The words of other tools. */
const words = { strictSSL: 'It is `rejectUnauthorized`.', ignoreHTTPSErrors: 'It is `rejectUnauthorized: false`.' };

/** The path and the query of a URL may have braces of their own. */
const withNumbers = (url: string) => (URL.canParse(url) ? url : url.replace(/\{[^{}]+\}/g, '1'));

/** Placeholders are filled in later, and any of them can stand for a number. */
export function isHttpUrl(value: unknown): value is string | URL {
	if (typeof value !== 'string' && !(value instanceof URL)) return false;
	const url = withNumbers(String(value));
	return /^https?:\/\//i.test(url) && URL.canParse(url);
}

/**
 * Holds when the answer to a request has the wanted status and body. With the host `localhost`, 127.0.0.1 and ::1 are
 * both asked, and one of them has to answer. A process that listens on loopback has to be the daemon's. No proxy is
 * used, and no connection is left open.
 *
 * @example
 * responds('http://127.0.0.1:{port}/health', { status: 200, body: 'ok' })
 */
export function responds(url: string | URL, options: RespondsOptions = {}): Probe {
	const given = { ...options, url: url instanceof URL ? url.href : url };
	return makeProbe({
		name: 'responds',
		given,
		problems: findGivenProblems({ url }, options, rules, words),
		begin: ({ url: address, ...given }) => {
			const { status = DEFAULT_STATUS, body, method = 'GET', tryTimeout = TRY_MS } = given;
			const request: HttpRequest = {
				// Before the ports are known, a start that has failed already still names what it would have waited for.
				url: new URL(withNumbers(address)),
				method,
				headers: Object.fromEntries(Object.entries(given.headers ?? {}).map(([name, one]) => [name, String(one)])),
				socketPath: given.socketPath,
				ca: given.ca,
				rejectUnauthorized: given.rejectUnauthorized ?? true,
			};
			// Then the launcher has been told to go on.
			void nextTurn().then(() => loadHttp(request.url));
			const limit = new TryLimit(tryTimeout);
			/** The daemon to which the listener is a stranger. */
			let foreignTo: ProbedDaemon | undefined;
			const pace = new Pace();
			const ask = async (host: string, signal: AbortSignal, daemon: ProbedDaemon) => {
				try {
					const answer = await send(request, host, body !== undefined, signal);
					pace.hasAnswered = true;
					const port = localPortOf(request, host);
					if (port !== undefined && !isOwn(port, [host], daemon)) {
						foreignTo = daemon;
						return FOREIGN;
					}
					return await compare(answer, { status, body });
				} catch (error) {
					signal.throwIfAborted();
					if (!hasCode(error, 'ECONNREFUSED', 'ENOENT')) pace.hasAnswered = true;
					return describeFailure(error);
				}
			};
			const look: Look = (signal, daemon) =>
				limit.hold(
					one => askAll(hostsOf(request), (host, either) => ask(host, either, daemon), one),
					ms => `no answer within ${ms} ms`,
					signal,
				);
			const check = polled(describe(request), look, elapsedMs => pace.nextIn(elapsedMs));
			const explain = () => (foreignTo ? describeForeign(portOf(request.url), foreignTo) : FOREIGN);
			return { ...check, reason: () => check.reason().replace(FOREIGN, explain) };
		},
	});
}

const FOREIGN = 'another process listens there';

const portOf = (url: URL) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

/** The port whose listener can be seen from here; undefined for another host, and for a unix socket. */
function localPortOf({ url, socketPath }: HttpRequest, host: string): number | undefined {
	return socketPath === undefined && /^(?:127\.|::1$)/.test(host) ? portOf(url) : undefined;
}

/** A server may listen on one of the two addresses of `localhost` only. */
function hostsOf({ url, socketPath }: HttpRequest): readonly string[] {
	if (url.hostname === 'localhost' && socketPath === undefined) return ['127.0.0.1', '::1'];
	return [arrivesAt(url.hostname.replace(/^\[|\]$/g, ''))];
}

/** True as soon as one host gives the wanted answer; then the other requests are ended. */
async function askAll(
	hosts: readonly string[],
	ask: (host: string, signal: AbortSignal) => Promise<true | string>,
	signal: AbortSignal,
): Promise<true | string> {
	const part = new Part(signal);
	const reasons: string[] = [];
	const asked = hosts.map(async (host): Promise<true> => {
		const answer = await ask(host, part.signal);
		if (answer === true) return true;
		reasons.push(hosts.length === 1 ? answer : `${host}: ${answer}`);
		throw answer;
	});
	try {
		return await Promise.any(asked);
	} catch {
		signal.throwIfAborted();
		return reasons.join('; ');
	} finally {
		part.end();
	}
}

/** Without the password that a URL may have. */
function describe({ url, method, socketPath }: HttpRequest): string {
	const through = socketPath === undefined ? '' : ` through ${socketPath}`;
	return `${method} ${url.protocol}//${url.host}${url.pathname}${url.search}${through}`;
}

function describeFailure(error: unknown): string {
	const { code } = error as NodeJS.ErrnoException;
	if (code === undefined) return describeThrown(error);
	if (code === 'ECONNRESET') return 'the connection was closed without an answer (ECONNRESET)';
	if (/CERT/.test(code))
		return `its certificate is not trusted (${code}); \`ca\` or \`rejectUnauthorized: false\` would help`;
	if (code.startsWith('HPE_')) return `the answer is not HTTP (${code})`;
	return code;
}
