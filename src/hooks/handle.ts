/** The object that `useDaemon` returns before there is a daemon. It behaves like the daemon that runs at the moment. */
import { inspect } from 'node:util';
import { type Captures, Daemon, InvalidOptionError, type RunningDaemon } from '../index.ts';

/** The methods are bound. Reading a property throws while there is no daemon. */
export function handleFor<C extends Captures>(current: () => RunningDaemon<C> | undefined): RunningDaemon<C> {
	// It is never started. It only shows which properties exist, as `await`, printers and matchers read many others.
	const idle = new Daemon({ name: 'useDaemon', pidFile: '/dev/null', startupCommand: 'true' });
	const isOfDaemons = (name: string | symbol) => name === 'dir' || (name in idle && !(name in Object.prototype));
	const look: RunningDaemon<C> = Object.create(Daemon.prototype, {
		[inspect.custom]: { value: () => current() ?? 'a daemon that is not running', configurable: true },
	});
	return new Proxy(look, {
		get: (_, name) => {
			const daemon = current();
			if (daemon) return bound(daemon, name);
			if (!isOfDaemons(name)) return Reflect.get(Object.prototype, name);
			const problem = `\`${String(name)}\` was read where the daemon of \`useDaemon\` does not run`;
			const remedy = 'read it in tests and their hooks, and call `useDaemon` outside of them.';
			throw new InvalidOptionError('useDaemon', [`${problem}: ${remedy}`]);
		},
		set: (_, name, value) => Reflect.set(current() ?? {}, name, value),
		ownKeys: () => Reflect.ownKeys(current() ?? {}),
		getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(current() ?? {}, name),
	});
}

function bound(daemon: RunningDaemon, name: string | symbol): unknown {
	const value: unknown = Reflect.get(daemon, name);
	return typeof value === 'function' && name !== 'constructor' ? value.bind(daemon) : value;
}
