import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type StartupError, withDaemon } from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';
import { project } from '../support/projects.ts';

const strips = 'typescript' in process.features && Boolean(process.features.typescript);

describe('a module in TypeScript', () => {
	test('runs in Node if Node strips types, and otherwise by tsx', async () => {
		const startupCommand = { module: fixture('typed.ts'), export: 'serve', args: ['Ada'] };
		await withDaemon({ startupCommand, lookFor: 'hello Ada' }, ({ pid, log }) => {
			expect(log.lines()).toEqual(['hello Ada']);
			expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--import=file:')).toBe(!strips);
		});
	});

	test('reports its errors with their lines in the TypeScript', async () => {
		const startupCommand = { module: fixture('typed.ts'), export: 'fails' };
		const run = withDaemon({ startupCommand, lookFor: 'never said' }, () => {});
		const error: unknown = await run.catch((reason: unknown) => reason);
		const cause = (error as StartupError).cause as Error;
		expect(cause).toBeInstanceOf(TypeError);
		expect(cause.stack).toContain(`${fixture('typed.ts')}:13:8`);
	});
});

/** A caller whose project has the library but not tsx. */
function runWithoutTsx(option: string): { readonly status: number | null; readonly output: string } {
	const caller = `import { withDaemon } from 'withdaemon';
		const options = { startupCommand: ${option}, lookFor: 'hello' };
		await withDaemon(options, daemon => console.log(daemon.log.text())).catch(error => console.log(error.message));`;
	const files = { 'caller.mjs': caller, 'typed.ts': readFileSync(fixture('typed.ts'), 'utf8'), 'view.tsx': '' };
	const cwd = project(files, ['tsx']);
	expect(existsSync(join(cwd, 'node_modules', 'tsx'))).toBe(false);
	const { status, stdout, stderr } = spawnSync(process.execPath, ['caller.mjs'], { cwd, encoding: 'utf8' });
	return { status, output: (stdout + stderr).replaceAll(cwd, '/project').trim() };
}

describe('without tsx', () => {
	test.skipIf(strips)('Node 20 cannot run it, and the error says so before anything starts', () => {
		expect(runWithoutTsx("{ module: 'typed.ts', export: 'serve', args: ['you'] }").output).toBe(
			`\`startupCommand\`: /project/typed.ts is TypeScript, but Node ${process.versions.node} does not run it, and tsx is not installed: install tsx, or use Node 22.18 or newer.`,
		);
		expect(runWithoutTsx("async () => (await import('./typed.ts')).serve('you')").output).toContain(
			'/project/typed.ts is TypeScript, but Node',
		);
	});

	test.skipIf(!strips)('Node runs it without help', () => {
		expect(runWithoutTsx("{ module: 'typed.ts', export: 'serve', args: ['you'] }").output).toBe('hello you');
	});

	test('TSX is refused everywhere', () => {
		expect(runWithoutTsx("{ module: 'view.tsx' }").output).toBe(
			'`startupCommand`: /project/view.tsx is TypeScript, but no Node runs TSX, and tsx is not installed: install tsx.',
		);
	});
});
