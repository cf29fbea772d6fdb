/** An HTTP API that says hello, at the port that it finds in its environment. */
import { createServer } from 'node:http';

const server = createServer((_request, response) => void response.end('hello'));
server.listen(Number(process.env['PORT']), '127.0.0.1');
