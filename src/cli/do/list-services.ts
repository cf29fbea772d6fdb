/** The names of the services that a command may be about. */
import { listReleased } from '../../released/find.ts';
import { type CheckoutFlags, findCheckout, namesInConfig } from './checkout.ts';

/** The services of the config file, and those that were started. */
export async function listServices(flags: CheckoutFlags): Promise<readonly string[]> {
	const checkout = await findCheckout(flags);
	const started = listReleased(checkout.folder).map(({ record }) => record.name);
	return [...new Set([...(await namesInConfig(checkout)).names, ...started])];
}
