import { migrateDatabase } from "@orderflow/common/database/migrate-database";
import { readMigrationConfig } from "./config.ts";

if (import.meta.main) {
  const { databaseUrl } = readMigrationConfig();
  await migrateDatabase({ url: databaseUrl, folder: `${import.meta.dir}/repositories/migrations`, hasJobs: true });
}
