import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./repositories/schema.ts",
  out: "./repositories/migrations",
});
