import { eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import { normalizeEmail } from "../email.ts";
import { expectOne } from "../expect-one.ts";
import { unseenCharacter } from "../names.ts";
import { type StaffRole, staff } from "../schema/index.ts";
import { addToDirectory } from "./directory.ts";

export interface StaffForSignIn {
  id: string;
  email: string;
  name: string;
  role: StaffRole;
  passwordHash: string;
  disabled: boolean;
}

/** The account with this e-mail address, in any letter case, or null. */
export async function findStaffForSignIn(db: Database, email: string): Promise<StaffForSignIn | null> {
  const [row] = await db
    .select({
      id: staff.id,
      email: staff.email,
      name: staff.name,
      role: staff.role,
      passwordHash: staff.passwordHash,
      disabledAt: staff.disabledAt,
    })
    .from(staff)
    .where(eq(staff.email, normalizeEmail(email)));
  if (!row) return null;
  const { disabledAt, ...account } = row;
  return { ...account, disabled: disabledAt !== null };
}

export interface NewStaff {
  id?: string;
  email: string;
  name: string;
  role: StaffRole;
  /** @default false */
  isOperator?: boolean;
  /** An argon2id hash, never the password. */
  passwordHash: string;
  createdAt?: Date;
}

/**
 * Adds an account and its entry in the directory of tenants; answers its id.
 * Throws 23505 where the e-mail address is taken, by this tenant or another.
 *
 * @throws {RangeError} the name holds a character that nobody sees.
 */
export async function addStaff(db: Database, account: NewStaff): Promise<string> {
  const unseen = unseenCharacter(account.name);
  if (unseen !== null) throw new RangeError(`the name holds ${unseen}, which cannot be seen`);
  const email = normalizeEmail(account.email);
  return db.transaction(async (tx) => {
    await addToDirectory(tx, "staff_email", email);
    const added = await tx
      .insert(staff)
      .values({ ...account, email })
      .returning({ id: staff.id });
    return expectOne(added).id;
  });
}
