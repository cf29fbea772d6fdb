/** An API whose database is at `DATABASE_URL`. Here `redis-cli` stands for the driver of a database. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const { DATABASE_URL = '', PORT } = process.env;
const server = createServer(async (_request, response) => {
	const { stdout } = await promisify(execFile)('redis-cli', ['-u', DATABASE_URL, 'get', 'greeting']);
	response.end(stdout.trim());
});
server.listen(Number(PORT), '127.0.0.1');
