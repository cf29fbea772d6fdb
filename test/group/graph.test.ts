import { expect, test } from 'vitest';
import { allDependencies, findGraphProblems, reversed } from '../../src/group/graph.ts';

const graph = (edges: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(edges));

test('a circle is named once, with the way around it', () => {
	expect(findGraphProblems(graph({ web: ['db'], db: ['web'], api: ['web'] }))).toEqual([
		'web: Expected `dependsOn` to lead to no circle, but got web → db → web.',
	]);
	expect(findGraphProblems(graph({ db: ['db'] }))).toEqual([
		'db: Expected `dependsOn` to lead to no circle, but got db → db.',
	]);
});

test('a name that no member has is refused, with the nearest one', () => {
	expect(findGraphProblems(graph({ database: [], web: ['databse', 'x'] }))).toEqual([
		'web: Expected `dependsOn` to name other members of the group, but got "databse" (string). Did you mean `database`?',
		expect.stringContaining('but got "x" (string).'),
	]);
});

test('a diamond is no circle, and both of its ways are followed', () => {
	const diamond = graph({ db: [], left: ['db'], right: ['db'], web: ['left', 'right'] });
	expect(findGraphProblems(diamond)).toEqual([]);
	expect([...allDependencies(diamond, 'web')]).toEqual(['left', 'right', 'db']);
	expect(reversed(diamond).get('db')).toEqual(['left', 'right']);
});
