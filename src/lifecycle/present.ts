/** The daemon of one start, as its probes see it: the process that counts as the daemon can become another one. */
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { ProbedDaemon } from '../readiness/check.ts';
import { deferred } from '../time/deadline.ts';

export class Present implements ProbedDaemon {
	readonly ports: ReadonlyMap<string, number>;
	readonly #ended = deferred<DaemonProcess>();
	#process: DaemonProcess;

	constructor(process: DaemonProcess, ports: ReadonlyMap<string, number>) {
		this.ports = ports;
		this.#process = process;
		this.become(process);
	}

	get process(): DaemonProcess {
		return this.#process;
	}

	get ended(): Promise<DaemonProcess> {
		return this.#ended.promise;
	}

	become(process: DaemonProcess): void {
		this.#process = process;
		void process.exited.then(() => {
			if (this.#process === process) this.#ended.resolve(process);
		});
	}
}
