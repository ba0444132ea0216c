import { pingDatabase } from "@orderflow/common/database/ping-database";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { documentRoutes } from "@orderflow/common/http/serve-documents";
import { readHeads } from "@orderflow/common/messaging/stream-heads";
import type { OrderContext } from "./context.ts";
import { orderDocument } from "./handlers/document.ts";
import { createOrderInternalRouter, orderRouter, orderStreams } from "./handlers/router.ts";
import { runOrder } from "./run-order.ts";

/** What can be asked, over HTTP. */
export function openApi(context: OrderContext): Promise<OpenDoor> {
  const { config, logger, metrics, sql, broker, peers, verifier, handling, deadLetters } = context;
  return openService({
    config,
    logger,
    metrics,
    broker,
    peers,
    verifier,
    checks: { database: () => pingDatabase(sql) },
    heads: () => readHeads(sql, orderStreams),
    publicRouter: orderRouter,
    internalRouter: createOrderInternalRouter(sql),
    createContext: (scope) => ({ ...scope, ...handling, deadLetters }),
    extend: documentRoutes(orderDocument),
  });
}

if (import.meta.main) await runOrder(async (context) => [await openApi(context)]);
