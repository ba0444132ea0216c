import { printAudit } from "@orderflow/common/audit/print-audit";
import { readInventoryDatabaseUrl } from "./config.ts";
import { inventoryInvariants } from "./repositories/audit.ts";

if (import.meta.main) await printAudit(readInventoryDatabaseUrl(), inventoryInvariants);
