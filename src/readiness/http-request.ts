/** One HTTP request of a probe: on a connection of its own, bounded in time and size, and without a proxy. */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { net } from '../builtins.ts';
import { deferred, settlesWithin, unlessAborted } from '../time/deadline.ts';

/** This much of a body is read. */
export const LONGEST_BODY = 1024 * 1024;

/** A server that sends its body without end must not be waited for, but one that is about to end is not cut off. */
const BODY_MS = 50;

export interface HttpRequest {
	readonly url: URL;
	readonly method: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly socketPath: string | undefined;
	readonly ca: string | Buffer | readonly (string | Buffer)[] | undefined;
	readonly rejectUnauthorized: boolean;
}

export interface HttpAnswer {
	readonly status: number;
	/** Where a redirect leads to. */
	readonly location: string | undefined;
	/** The beginning of the body. */
	readonly body: string;
}

/** The module takes ms to load: call this while there is something else to wait for. */
export async function loadHttp({ protocol }: URL): Promise<typeof import('node:http')> {
	return await import(protocol === 'https:' ? 'node:https' : 'node:http');
}

/**
 * Sends the request to this address, which stands for the host of the URL. Nothing of the connection is left
 * afterwards.
 *
 * @param needsBody whether the answer is complete only with its body.
 * @throws the error of the connection; the signal's reason if the signal is aborted first.
 */
export async function send(
	request: HttpRequest,
	address: string,
	needsBody: boolean,
	signal: AbortSignal,
): Promise<HttpAnswer> {
	const { request: start } = await loadHttp(request.url);
	signal.throwIfAborted();
	const sent: ClientRequest = start(toNodeOptions(request, address));
	const { promise: answered, resolve, reject } = deferred<IncomingMessage>();
	sent.on('error', reject).on('response', resolve).end();
	try {
		const response = await unlessAborted(answered, signal);
		const body = readBody(response);
		await (needsBody ? unlessAborted(body.complete, signal) : settlesWithin(body.complete, BODY_MS));
		return { status: response.statusCode ?? 0, location: response.headers.location, body: body.soFar() };
	} finally {
		sent.destroy();
	}
}

function toNodeOptions({ url, method, headers, socketPath, ca, rejectUnauthorized }: HttpRequest, address: string) {
	const name = url.hostname.replace(/^\[|\]$/g, '');
	const options: RequestOptions & Record<string, unknown> = {
		...(socketPath === undefined ? { host: address, port: url.port || undefined } : { socketPath }),
		path: `${url.pathname}${url.search}`,
		method,
		// Servers of single-page applications answer 404 if it is missing.
		headers: { host: url.host, accept: '*/*', 'user-agent': 'withdaemon', ...headers },
		// A new agent keeps no connection alive, and knows no proxy (NODE_USE_ENV_PROXY).
		agent: false,
		...(url.username === '' ? {} : { auth: [url.username, url.password].map(decodeURIComponent).join(':') }),
	};
	if (url.protocol !== 'https:') return options;
	// RFC 6066, 3: the name of a server is never an address.
	return { ...options, ca, rejectUnauthorized, servername: net().isIP(name) ? '' : name };
}

/** Reads the beginning of the body as it comes; `complete` settles at its end, or when it is too long. */
function readBody(response: IncomingMessage) {
	const { promise: complete, resolve, reject } = deferred<void>();
	const chunks: Buffer[] = [];
	let size = 0;
	response
		.on('data', (chunk: Buffer) => {
			chunks.push(chunk);
			size += chunk.length;
			if (size >= LONGEST_BODY) resolve();
		})
		.on('end', resolve)
		.on('error', reject);
	return { complete, soFar: () => Buffer.concat(chunks).subarray(0, LONGEST_BODY).toString() };
}
