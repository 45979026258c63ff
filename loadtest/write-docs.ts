// Writes the tables of the last runs, as loadtest/results has them, into the manual: npm run loadtest:docs
import { writeDocs } from "./report/docs.ts";

console.log(`written: ${writeDocs()}`);
