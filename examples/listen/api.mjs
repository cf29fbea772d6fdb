// api.mjs: listens on the socket that it inherits, or on a port of its own
import { createServer } from 'node:http';

const server = createServer((_, response) => response.end('hello'));
server.listen(process.env['LISTEN_FDS'] ? { fd: 3 } : { port: 8080 });
