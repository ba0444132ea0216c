import { pingDatabase } from "@orderflow/common/database/ping-database";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { documentRoutes } from "@orderflow/common/http/serve-documents";
import { readHeads } from "@orderflow/common/messaging/stream-heads";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readInventoryConfig } from "./config.ts";
import { type Context, createContext } from "./context.ts";
import { inventoryDocument } from "./handlers/document.ts";
import { createInventoryInternalRouter, inventoryRouter } from "./handlers/router.ts";

/** The door for those who ask. */
export function openApi(context: Context): Promise<OpenDoor> {
  const {
    config,
    logger,
    metrics,
    sql,
    broker,
    peers,
    verifier,
    products,
    productChanges,
    movements,
    audit,
    deadLetters,
  } = context;
  return openService({
    config,
    logger,
    metrics,
    broker,
    peers,
    verifier,
    checks: { database: () => pingDatabase(sql) },
    heads: () => readHeads(sql, ["inventory"]),
    publicRouter: inventoryRouter,
    internalRouter: createInventoryInternalRouter(sql),
    createContext: (scope) => ({ ...scope, products, productChanges, movements, audit, deadLetters }),
    extend: documentRoutes(inventoryDocument),
  });
}

if (import.meta.main)
  await runWithContext(
    () => createContext(readInventoryConfig()),
    async (context) => [await openApi(context)],
  );
