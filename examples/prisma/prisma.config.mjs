// `prisma generate` reads no database; `prisma migrate` does.
export default { schema: "schema.prisma", datasource: { url: process.env.DATABASE_URL ?? "" } };
