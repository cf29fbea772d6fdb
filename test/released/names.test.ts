import { expect, test } from 'vitest';
import { lockDaemons } from '../../src/released/lock.ts';
import { refuseUnknown } from '../../src/released/names.ts';
import { temporaryFolder } from '../support/fixtures.ts';

test('a name is refused with what there is, unless a command is about to start a daemon of that name', async () => {
	const checkout = temporaryFolder();
	const { signal } = new AbortController();
	const release = await lockDaemons(checkout, ['api'], 'start', { signal, onWait: undefined });
	await refuseUnknown(checkout, ['api', 'database'], ['database']);
	release();
	await expect(refuseUnknown(checkout, ['api', 'database'], ['database'])).rejects.toThrow(
		'No service is called api. Services: database.',
	);
	await expect(refuseUnknown(checkout, ['api'], [])).rejects.toThrow(`No service is called api in ${checkout}.`);
});
