import { printAudit } from "@orderflow/common/audit/print-audit";
import { readMigrationConfig } from "./config.ts";
import { workerInvariants } from "./repositories/audit.ts";

if (import.meta.main) await printAudit(readMigrationConfig().databaseUrl, workerInvariants);
