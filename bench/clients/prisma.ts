import { type ClientOptions, MANY_CALLERS_TIMEOUT_MS, type OpenClient } from "./client.ts";
import { poolOptions } from "./connection.ts";
import { importGeneratedPrisma, importPrismaAdapter } from "./peer.ts";
import { homeOf, INSERTED, noteOf, PAGE, pageOf, tenantOf } from "./rows.ts";

type Rows = Promise<readonly unknown[]>;

interface Model {
  findMany(query: object): Rows;
  create(row: object): Promise<unknown>;
  createManyAndReturn(rows: object): Rows;
  updateMany(change: object): Promise<unknown>;
  count(query: object): Promise<number>;
  aggregate(query: object): Promise<unknown>;
}

/** What the bench uses of the generated client, whose types are not there before it is generated. */
interface Prisma extends Record<"home" | "visit" | "keyed" | "note" | "openNote" | "tenantVisit", Model> {
  $executeRaw(strings: TemplateStringsArray, ...values: unknown[]): Promise<number>;
  $transaction<T>(work: (tx: Prisma) => Promise<T>): Promise<T>;
  $transaction(
    statements: readonly [Promise<unknown>, Rows, ...Promise<unknown>[]],
  ): Promise<[unknown, readonly unknown[], ...unknown[]]>;
  $disconnect(): Promise<void>;
}

/** Its own two seconds would make it fail where the others wait. */
const PATIENCE = { maxWait: MANY_CALLERS_TIMEOUT_MS, timeout: MANY_CALLERS_TIMEOUT_MS };

export async function open({ url, max }: ClientOptions): Promise<OpenClient> {
  const { PrismaPg } = await importPrismaAdapter<{ PrismaPg: new (options: object) => object }>();
  const { PrismaClient } = await importGeneratedPrisma<{ PrismaClient: new (options: object) => Prisma }>();
  const adapter = new PrismaPg(poolOptions(url, max));
  const prisma = new PrismaClient({ adapter, transactionOptions: PATIENCE });

  const readNote = (tx: Prisma, n: number) => tx.note.findMany({ where: { id: noteOf(n) } });
  return {
    operations: {
      pointSelect: (n) => prisma.home.findMany({ where: { id: homeOf(n) } }),
      nested: (n) =>
        prisma.home.findMany({
          where: { id: { gte: pageOf(n), lt: pageOf(n) + PAGE } },
          include: { residents: true },
        }),
      insert: async (n) => [await prisma.visit.create({ data: { homeId: homeOf(n), note: "rang twice" } })],
      insertKey: async (n) => [await prisma.keyed.create({ data: { key: n, label: "a key" } })],
      unscopedSelect: (n) => prisma.openNote.findMany({ where: { tenantId: tenantOf(n), id: noteOf(n) } }),
      scopedSelect: async (n) => {
        // The form that Prisma's own example of row-level security uses.
        const [, found] = await prisma.$transaction([
          prisma.$executeRaw`select set_config('app.tenant_id', ${tenantOf(n)}, true)`,
          readNote(prisma, n),
        ]);
        return found;
      },
      tenantTransaction: (n) =>
        prisma.$transaction(async (tx: Prisma) => {
          await tx.$executeRaw`select set_config('app.tenant_id', ${tenantOf(n)}, true)`;
          const found = await readNote(tx, n);
          await tx.note.updateMany({ where: { id: noteOf(n) }, data: { updatedAt: new Date() } });
          await tx.tenantVisit.create({ data: { note: "rang twice" } });
          await tx.note.count({ where: { id: { gte: noteOf(n), lte: noteOf(n) + 9 } } });
          return found;
        }),
      tenantPage: async (n) => {
        const where = { id: { gte: noteOf(n), lte: noteOf(n) + 9 } };
        const [, found] = await prisma.$transaction([
          prisma.$executeRaw`select set_config('app.tenant_id', ${tenantOf(n)}, true)`,
          readNote(prisma, n),
          prisma.note.findMany({ where }),
          prisma.note.count({ where }),
          prisma.note.findMany({
            select: { id: true, body: true },
            where: { id: { gt: noteOf(n) } },
            orderBy: { id: "asc" },
            take: 5,
          }),
          prisma.note.aggregate({ where, _max: { updatedAt: true } }),
        ]);
        return found;
      },
      insertManyRows: (n) =>
        prisma.visit.createManyAndReturn({
          data: Array.from({ length: INSERTED }, (_, each) => ({
            homeId: homeOf(n + each),
            note: "rang twice",
          })),
        }),
    },
    close: () => prisma.$disconnect(),
  };
}
