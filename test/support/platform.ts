/** Another platform, for code that asks for it when it is called. */
import { expect } from 'vitest';

/** Calls the function, which must not wait for anything, as if this were another platform. */
export function asOn<T>(platform: NodeJS.Platform, call: () => T): T {
	const real = Object.getOwnPropertyDescriptor(process, 'platform') ?? expect.unreachable();
	Object.defineProperty(process, 'platform', { ...real, value: platform });
	try {
		return call();
	} finally {
		Object.defineProperty(process, 'platform', real);
	}
}
