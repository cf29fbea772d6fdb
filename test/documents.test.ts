/** Everything that the documents for contributors name exists, and some test covers each file of `src/`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { testedFromAbove } from './support/tested-from-above.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const isThere = (path: string) => existsSync(join(root, path));

const guides = ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/glossary.md'];
const forUsers = ['README.md', 'CHANGELOG.md', ...listFiles('docs').map(name => `docs/${name}`)];
const documents = [...forUsers, 'CONTRIBUTING.md', 'llms.txt'];

test('CONTRIBUTING.md names every soak of package.json', () => {
	const { scripts } = JSON.parse(read('package.json'));
	const soaks = Object.keys(scripts).filter(name => name.startsWith('soak'));
	expect(soaks.filter(name => !read('CONTRIBUTING.md').includes(`npm run ${name}`))).toEqual([]);
});

describe.each(guides)('%s', guide => {
	const spans = codeSpans(read(guide));

	test('names only paths that exist', () => {
		const paths = spans.filter(isPath);
		expect(paths.filter(path => !isThere(path))).toEqual([]);
		expect(paths.length).toBeGreaterThan(0);
	});

	test('names only tests that exist', () => {
		expect(spans.filter(isTestName).filter(name => !isTest(name))).toEqual([]);
	});

	test('names only scripts of package.json', () => {
		const { scripts } = JSON.parse(read('package.json'));
		const names = [...read(guide).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
		expect(names.filter(name => !(name in scripts))).toEqual([]);
	});
});

test('docs/glossary.md names only types, functions and values of the code', () => {
	const code = listFiles('src')
		.map(file => read(`src/${file}`))
		.join('\n');
	const words = codeSpans(read('docs/glossary.md')).filter(span => /^\w+$/.test(span));
	expect(words.filter(word => !new RegExp(`\\b${word}\\b`).test(code))).toEqual([]);
	expect(words.length).toBeGreaterThan(20);
});

test('every floor of test/structure.test.ts is in docs/architecture.md, in the same order, with its rooms', () => {
	const table = /^const floors[\s\S]*?^\];/m.exec(read('test/structure.test.ts'))?.[0] ?? '';
	const floors = [...table.matchAll(/\[\s*'([^']+)',\s*\[([^\]]*)\]/g)].map(([, name, rooms = '']) => [
		name,
		new Set([...rooms.matchAll(/'([^']+)'/g)].map(([, room]) => `src/${room}`)),
	]);
	const documented = sectionOf('The floors').matchAll(/^\| ([^|`]+) \| (.*`.*) \|$/gm);
	expect([...documented].map(([, name, text = '']) => [name, new Set(codeSpans(text))])).toEqual(floors);
	expect(floors.length).toBeGreaterThan(10);
});

test('an option passes through at most 12 files, each of which an earlier one imports', () => {
	const way = sectionOf('The way of an option').matchAll(/^\d+\. `(src\/[^`]+)`/gm);
	const files = [...way].map(([, file = '']) => file);
	const isUsedBefore = (file: string, index: number) => files.slice(0, index).some(user => uses(user, file));
	expect(files.slice(1).filter((file, index) => !isUsedBefore(file, index + 1))).toEqual([]);
	expect([files[0], files.at(-1)]).toEqual(['src/with-daemon.ts', 'src/launch/spawn-launcher.ts']);
	expect(files.length).toBeLessThanOrEqual(12);
});

test('every link between the documents leads to a file, and to a heading of it', () => {
	const links = documents.flatMap(document =>
		[...read(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = '', heading]) => ({
			document,
			path: path === '' ? document : join(dirname(document), path),
			heading,
		})),
	);
	const isBroken = ({ path, heading }: (typeof links)[number]) =>
		!isThere(path) || (heading !== undefined && !headingsOf(read(path)).includes(heading));
	expect(links.filter(isBroken)).toEqual([]);
	expect(links.length).toBeGreaterThan(3);
});

test('every document that another one names in its text exists', () => {
	const named = documents.flatMap(document => codeSpans(read(document)).filter(span => /^docs\/[\w.-]+$/.test(span)));
	expect(named.filter(path => !isThere(path))).toEqual([]);
	expect(named.length).toBeGreaterThan(3);
});

test('no line of a document has more than 120 columns, unless it is a row of a table or of an example', () => {
	const lines = documents.flatMap(document =>
		read(document)
			.replace(/^```[\s\S]*?^```/gm, '')
			.split('\n')
			.filter(line => line.length > 120 && !line.startsWith('|'))
			.map(line => `${document}: ${line}`),
	);
	expect(lines).toEqual([]);
});

test('llms.txt leads to every document for users, by its heading', () => {
	const links = [...read('llms.txt').matchAll(/^- \[(.+?)\]\((.+?)\)/gm)].map(([, title, path]) => [path, title]);
	const headings = forUsers.map(path => [path, /^# (.*)$/m.exec(read(path))?.[1]]);
	expect(new Set(links)).toEqual(new Set(headings));
});

test('the README leads to every guide', () => {
	expect(guides.filter(guide => !read('README.md').includes(guide))).toEqual([]);
});

describe('each file of src/', () => {
	const files = listFiles('src');
	const hasOwnTest = (file: string) => isThere(`test/${file.replace(/\.[cm]?[jt]s$/, '')}.test.ts`);

	test('has a test of the same path, or stands in test/support/tested-from-above.ts', () => {
		expect(new Set(Object.keys(testedFromAbove))).toEqual(new Set(files.filter(file => !hasOwnTest(file))));
	});

	test('is tested from above by a test that exists', () => {
		expect(Object.values(testedFromAbove).filter(name => !isTest(name))).toEqual([]);
	});
});

/** The spans of code in the prose, without the blocks of code. */
function codeSpans(markdown: string): string[] {
	const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
	return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** A file or a folder of the repository, such as `src/os/`, `.ci/run` or `README.md`. */
function isPath(span: string): boolean {
	return /^[\w.-]+(?:\/[\w.-]+)*\/[\w.-]*$/.test(span) || /^[\w-]+\.(?:md|json|ts|[cm]?js)$/.test(span);
}

/** Such as `test/daemon.test.ts: can be cancelled`. */
function isTestName(span: string): boolean {
	return /^test\/\S+: /.test(span);
}

function isTest(name: string): boolean {
	const [, file = '', title = ''] = /^(\S+): (.*)$/.exec(name) ?? [];
	return isThere(file) && [`'${title}'`, `"${title}"`].some(literal => read(file).includes(literal));
}

/** Whether a file imports another in any form, types included. */
function uses(user: string, file: string): boolean {
	const specifiers = [...read(user).matchAll(/\bfrom '(\.[^']+)'/g)].map(([, specifier = '']) => specifier);
	return specifiers.some(specifier => join(dirname(user), specifier) === file);
}

function sectionOf(heading: string): string {
	return read('docs/architecture.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
}

/** Headings as a link spells them: in lower case, with hyphens, without punctuation. */
function headingsOf(markdown: string): string[] {
	const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
	return headings.map(heading =>
		heading
			.toLowerCase()
			.replace(/[^\w -]/g, '')
			.replaceAll(' ', '-'),
	);
}

function listFiles(folder: string): string[] {
	const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
	return entries
		.filter(entry => entry.isFile())
		.map(entry => join(entry.parentPath, entry.name).slice(join(root, folder).length + 1));
}
