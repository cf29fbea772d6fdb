/** An HTTP API that keeps notes. */
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** @param {{ limit: number }} options */
export default function api({ limit }) {
	/** @type {unknown[]} */
	const notes = [];
	const server = createServer(async (request, response) => {
		if (request.method === 'POST') notes.push(await json(request));
		if (notes.length > limit) throw new RangeError(`more than ${limit} notes`);
		response.end(JSON.stringify(notes));
	});
	server.listen(0, '127.0.0.1', () => console.log('listening on', server.address()));
}
