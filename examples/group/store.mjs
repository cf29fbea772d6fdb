// store.mjs: keeps names, and answers with all of them
import { createServer } from 'node:http';

/** @type {string[]} */
const names = [];
const server = createServer((request, response) => {
	if (request.method === 'POST') names.push(String(request.url).slice(1));
	response.end(names.join());
});
server.listen(Number(process.env['PORT']), '127.0.0.1', () => console.log('listening'));
