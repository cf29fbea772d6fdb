/** Starts the files first that take longest: at the end of a run, the other workers would have nothing to do. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Most of them wait for what has to take its time. The others come by their size. */
const LONGEST = [
	'vitest/index.test.ts',
	'faults/caller.test.ts',
	'faults/released.test.ts',
	'faults/teardown.test.ts',
	'evidence/messages.test.ts',
	'faults/vitest.test.ts',
	'faults/log.test.ts',
	'vitest/with-daemons.test.ts',
	'readiness/notified.test.ts',
	'declarations.test.ts',
	'daemon.test.ts',
	'vitest/within-test.test.ts',
	'sockets/notifications.test.ts',
	'vitest/setup.test.ts',
	'launch/follow.test.ts',
	'vitest/log.test.ts',
	'faults/launch.test.ts',
	'guides.test.ts',
	'cli/start.test.ts',
	'faults/group.test.ts',
	'package.test.ts',
	'action.test.ts',
	'faults/many.test.ts',
];

export class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rank = ({ moduleId }: TestSpecification) => {
			const place = LONGEST.findIndex(name => moduleId.endsWith(`/test/${name}`));
			return place < 0 ? LONGEST.length : place;
		};
		return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
	}
}
