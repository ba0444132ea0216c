import { pingDatabase } from "@orderflow/common/database/ping-database";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { documentRoutes } from "@orderflow/common/http/serve-documents";
import { readHeads } from "@orderflow/common/messaging/stream-heads";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readWorkerConfig } from "./config.ts";
import { createContext, type WorkerContext } from "./context.ts";
import { workerDocument } from "./handlers/document.ts";
import { createInternalRouter, workerRouter } from "./handlers/router.ts";

/** The door that is asked. */
export function openApi({
  config,
  logger,
  metrics,
  sql,
  broker,
  peers,
  verifier,
  now,
  audit,
  deadLetters,
}: WorkerContext): Promise<OpenDoor> {
  return openService({
    config,
    logger,
    metrics,
    broker,
    peers,
    verifier,
    checks: { database: () => pingDatabase(sql) },
    heads: () => readHeads(sql, ["worker"]),
    publicRouter: workerRouter,
    internalRouter: createInternalRouter(sql),
    createContext: (scope) => ({ ...scope, sql, now, audit, deadLetters }),
    extend: documentRoutes(workerDocument),
  });
}

if (import.meta.main)
  await runWithContext(
    () => createContext(readWorkerConfig()),
    async (context) => [await openApi(context)],
  );
