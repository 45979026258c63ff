import { MisplacedStatementError } from "../errors/errors.ts";
import { findMisplaced, type Misplacement, staysInTransaction } from "../sql/misplaced-statement.ts";

/** Where a statement is to run: as a scope's only one, or in the work of a transaction, with or without a scope. */
export type Place = "scope" | "scoped transaction" | "transaction";

const REFUSED: Readonly<Record<Place, readonly Misplacement[]>> = {
  scope: ["control", "outside", "copy", "cursor"],
  "scoped transaction": ["control", "outside", "copy"],
  transaction: ["control"],
};

const REASONS: Readonly<Record<Misplacement, string>> = {
  control:
    "is the pool's to send: a scope's statement is a transaction of its own, and a transaction commits when its work returns, and rolls back when that throws",
  outside: "cannot run in a transaction, which a scope is: run it on the pool, without a scope",
  copy: "has its rows sent beside the statement: use a stream, such as pg-copy-streams, in the scope's transaction()",
  cursor: "opens a cursor that ends with its own statement here: declare it in a transaction",
};

/**
 * @returns whether the text's first statement is known to leave the transaction open that it runs in.
 * @throws {MisplacedStatementError} the text has a statement that the place cannot hold; nothing was sent.
 */
export function refuseMisplaced(text: string, place: Place): boolean {
  const stays = staysInTransaction(text);
  if (stays && !text.includes(";")) return stays; // as almost every text, which need not be read to its end
  const found = findMisplaced(text);
  if (found === undefined || !REFUSED[place].includes(found.kind)) return stays;
  throw new MisplacedStatementError(`${found.words} ${REASONS[found.kind]}; nothing was sent`);
}
