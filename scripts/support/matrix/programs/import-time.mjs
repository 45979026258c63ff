// One process imports one module once: this one prints how long that took it.
const started = performance.now();
await import(process.argv[2]);
console.log(performance.now() - started);
