/**
 * `npm run build` writes one file for each entry of the package, chunks for what entries share or seldom need, and the
 * declarations, into `dist` or the folder that is its argument. An earlier build in there is removed.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { exports, dependencies, optionalDependencies, peerDependencies } = JSON.parse(
	readFileSync(join(root, 'package.json'), 'utf8'),
);
const dist = resolve(process.argv[2] ?? join(root, 'dist'));

/** What a caller loads. These entries share chunks, so that a class exists once whichever of them are imported. */
const CALLER = [
	...['src/index.ts', 'src/node-test/index.ts', 'src/cli/main.ts'],
	...['src/vitest/index.ts', 'src/vitest/matchers.ts', 'src/vitest/setup.ts', 'src/vitest/each-file.ts'],
];

/** The packages that are part of the files, as they are small and finding them costs more than running them. */
const LICENSES = {
	...{ commander: 'LICENSE', leven: 'license', lilconfig: 'LICENSE', 'std-env': 'LICENCE', yoctocolors: 'license' },
	// tmp-promise has none of its own.
	tmp: 'LICENSE',
};

const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/** What these packages require of Node, if it is not a whole module: some take ms to load, and are hardly used. */
const REQUIRED = /** @type {Record<string, string>} */ ({
	process: 'module.exports = process;',
	child_process: `${REQUIRE} export const spawn = (...given) => require('node:child_process').spawn(...given);`,
	crypto: `${REQUIRE} export const randomBytes = size => require('node:crypto').randomBytes(size);`,
});

/** esbuild would leave `require()` of a package in CommonJS as it is, and a module of a file has no such function. */
const requiredModules = /** @type {esbuild.Plugin} */ ({
	name: 'required modules',
	setup({ onLoad, onResolve }) {
		// Each package has its own, as what packages share would be one more file.
		onResolve({ filter: /^[\w:]+$/ }, ({ kind, path, importer }) =>
			kind === 'require-call' && isBuiltin(path)
				? { path: `${path.replace('node:', '')} for ${importer.slice(root.length)}`, namespace: 'required' }
				: undefined,
		);
		onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
			contents: REQUIRED[path.split(' ', 1)[0] ?? ''] ?? `export * from 'node:${path.split(' ', 1)}';`,
		}));
	},
});

/** @type {esbuild.BuildOptions & { format: 'esm' }} */
const options = {
	absWorkingDir: root,
	outbase: 'src',
	outdir: dist,
	bundle: true,
	format: 'esm',
	platform: 'node',
	target: 'node20.9',
	external: Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
	// What package.json says of side effects is about the files of a build.
	ignoreAnnotations: true,
	logOverride: { 'ignored-bare-import': 'error' },
	plugins: [requiredModules],
	sourcemap: true,
	logLevel: 'warning',
};

async function bundle() {
	await esbuild.build({
		...options,
		entryPoints: CALLER,
		splitting: true,
		// As deep as the rooms: a file that another thread or process runs has the same path from there as in the sources.
		chunkNames: 'chunks/[name]-[hash]',
		plugins: [requiredModules, await libraryInOneChunk()],
	});
	// Node takes 5 ms longer to start with an ES module.
	await esbuild.build({
		...options,
		entryPoints: ['src/bootstrap/main.cjs', 'src/reaper/awake/main.ts', 'src/sockets/thread.cjs'],
		outExtension: { '.js': '.cjs' },
		format: 'cjs',
		define: { 'import.meta.url': '__filename' },
		// The frames of the bootstrap are known by the built file, and hidden.
		sourcemap: false,
	});
}

/**
 * esbuild puts two files into one chunk only if exactly the same entries and dynamic imports need them, which would
 * make a hundred chunks. With this, whatever needs one file of the library needs all that `index.ts` imports.
 *
 * @returns {Promise<esbuild.Plugin>}
 */
async function libraryInOneChunk() {
	const { metafile } = await esbuild.build({ ...options, entryPoints: CALLER, write: false, metafile: true });
	/** @type {(file: string) => string[]} */
	const importsOf = file =>
		(metafile.inputs[file]?.imports ?? [])
			.filter(({ kind, external }) => kind === 'import-statement' && !external)
			.map(({ path }) => path);
	const library = new Set(['src/index.ts']);
	// A set also yields what is added to it meanwhile.
	for (const file of library) for (const path of importsOf(file)) library.add(path);
	const outside = Object.keys(metafile.inputs).filter(file => !library.has(file));
	const guests = new Set(outside.filter(file => importsOf(file).some(path => library.has(path))));
	const all = `import '${join(root, 'src/index.ts')}';`;
	const inSource = (/** @type {string} */ path) => path.slice(root.length);
	return {
		name: 'library in one chunk',
		setup({ onLoad, onResolve }) {
			onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) => {
				if (!guests.has(inSource(path))) return undefined;
				// At the end, so that lines keep their numbers.
				return { contents: `${await readFile(path, 'utf8')}${all}\n`, loader: 'ts' };
			});
			onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
				const file = inSource(join(resolveDir, path));
				if (kind !== 'dynamic-import' || !library.has(file) || file === 'src/index.ts') return undefined;
				return { path: join(root, file), namespace: 'part of the library' };
			});
			onLoad({ filter: /./, namespace: 'part of the library' }, ({ path }) => ({
				contents: `export * from '${path}'; ${all}`,
				resolveDir: root,
			}));
		},
	};
}

async function declare() {
	const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', dist];
	// Its errors are in the one of this call.
	await promisify(execFile)(process.execPath, tsc, { cwd: root });
	const all = readdirSync(dist, { encoding: 'utf8', recursive: true }).filter(file => DECLARATION.test(file));
	const named = namedDeclarations();
	for (const file of all) if (!named.has(file)) rmSync(join(dist, file));
}

const DECLARATION = /\.d\.[cm]?ts$/;

/** The declarations that the entries of the package lead to. The others are of no use to anybody outside. */
function namedDeclarations() {
	const named = new Set(Object.values(exports).map(({ types }) => join(types).replace(/^dist\//, '')));
	// A set also yields what is added to it meanwhile.
	for (const file of named)
		for (const [, path = ''] of readFileSync(join(dist, file), 'utf8').matchAll(
			/(?:\bfrom |\bimport\()['"](\.[^'"]+)['"]/g,
		))
			named.add(join(dirname(file), path).replace(/\.([cm]?)[jt]s$/, '.d.$1ts'));
	return named;
}

rmSync(dist, { recursive: true, force: true });
await Promise.all([bundle(), declare()]);
for (const [name, license] of Object.entries(LICENSES))
	copyFileSync(join(root, 'node_modules', name, license), join(dist, `LICENSE.${name}`));
