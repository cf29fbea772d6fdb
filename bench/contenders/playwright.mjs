/** The plugin that is behind `webServer` of Playwright's configuration. Its default is to end a server by SIGKILL. */
import { load } from './peer.mjs';

/**
 * @typedef {import('../host.mjs').Cycle} Cycle
 * @typedef {{ setup(config: object, folder: string, reporter: object): Promise<void>, teardown(): Promise<void> }} Plugin
 */

/** @type {{ webServer(options: object): Plugin }} */
const { webServer } = load('playwright/lib/runner');

/** @type {(options: (port: number) => object) => Cycle} */
const served = options => async (daemon, inUse) => {
	const plugin = webServer({ command: daemon.command, ...options(daemon.port) });
	await plugin.setup({}, process.cwd(), {});
	await inUse();
	await plugin.teardown();
};

export const waitsForOutput = served(() => ({ wait: { stdout: /ready/ } }));
export const waitsForUrl = served(port => ({ url: `http://127.0.0.1:${port}/` }));
