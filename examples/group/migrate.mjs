// migrate.mjs: prepares the store, and exits
await fetch(`${process.env['STORE_URL']}/first`, { method: 'POST' });
