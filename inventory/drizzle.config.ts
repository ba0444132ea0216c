export default {
  dialect: "postgresql",
  schema: "./repositories/schema.ts",
  out: "./repositories/migrations",
};
