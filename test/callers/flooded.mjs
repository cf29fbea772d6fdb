/** A caller whose daemon logs more than fits into memory. It prints how many MiB of its own memory that took. */

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const [command = ''] = process.argv.slice(2);
// The first one may load code that stays.
await withDaemon({ startupCommand: 'sleep 1000' }, () => {});
const before = process.memoryUsage.rss();
let most = before;
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
const options = { startupCommand: [command, '{dir}'], lookFor: /^ready (?<when>.*)/, timeout: 100_000 };
await withDaemon(options, ({ captures }) => console.log(captures['when']));
clearInterval(watch);
console.log((most - before) / 1024 / 1024);
