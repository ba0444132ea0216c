import { pingDatabase } from "@orderflow/common/database/ping-database";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { documentRoutes } from "@orderflow/common/http/serve-documents";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readNotifyConfig } from "./config.ts";
import { createContext, type NotifyContext } from "./context.ts";
import { notifyDocument } from "./handlers/document.ts";
import { internalRouter, notifyRouter } from "./handlers/router.ts";

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
}: NotifyContext): Promise<OpenDoor> {
  return openService({
    config,
    logger,
    metrics,
    broker,
    peers,
    verifier,
    checks: { database: () => pingDatabase(sql) },
    publicRouter: notifyRouter,
    internalRouter,
    createContext: (scope) => ({ ...scope, sql, now, audit, deadLetters }),
    extend: documentRoutes(notifyDocument),
  });
}

if (import.meta.main)
  await runWithContext(
    () => createContext(readNotifyConfig()),
    async (context) => [await openApi(context)],
  );
