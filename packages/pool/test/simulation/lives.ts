// What `npm run test:simulation` runs on each core. Prints what so many lives from a seed on came to, as JSON; or a find, to
// be understood.
import { tally } from "./tally.ts";
import { explain } from "./trace.ts";

process.noDeprecation = true; // a client that is given several statements at once is part of a life
const [seed, count, rule] = process.argv.slice(2);
if (rule !== undefined) process.stdout.write(await explain(Number(seed), rule));
else process.stdout.write(JSON.stringify(await tally(Number(seed), Number(count))));
