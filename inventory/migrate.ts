import { join } from "node:path";
import { migrateDatabase } from "@orderflow/common/database/migrate-database";
import { readInventoryDatabaseUrl } from "./config.ts";

const folder = join(import.meta.dir, "repositories/migrations");
await migrateDatabase({ url: readInventoryDatabaseUrl(), folder, hasJobs: false });
