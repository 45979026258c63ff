// `prisma generate` reads no database.
export default { schema: "prisma/schema.prisma", datasource: { url: "postgres://localhost/none" } };
