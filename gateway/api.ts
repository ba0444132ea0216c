import { pingDatabase } from "@orderflow/common/database/ping-database";
import { lifecycleOf } from "@orderflow/common/http/lifecycle";
import { openAnnounced } from "@orderflow/common/http/open-announced";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { secureJson } from "@orderflow/common/http/security-headers";
import { createServiceApp } from "@orderflow/common/http/service-app";
import { startPruning } from "@orderflow/common/retention/start-pruning";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readGatewayConfig } from "./config.ts";
import { type Context, createContext } from "./context.ts";
import { createAuthDoor } from "./handlers/authentication/auth-door.ts";
import { createEdge } from "./handlers/edge.ts";
import { createTrustedProxies } from "./handlers/limits/address-ranges.ts";
import { createTargetNamer } from "./handlers/name-target.ts";
import { createReception } from "./handlers/receive.ts";
import { addDocumentRoutes } from "./handlers/rest/document-routes.ts";
import { createRestApi } from "./handlers/rest/rest-api.ts";
import { createRestDoor } from "./handlers/rest/rest-door.ts";
import { createTrpcDoor } from "./handlers/trpc-door.ts";
import { readyOnce } from "./providers/ready-once.ts";
import { createServiceDocuments } from "./providers/service-documents.ts";
import { gatewayPrunings } from "./repositories/prunings.ts";

const index = {
  service: "orderflow",
  procedures: "/trpc/<service>.<procedure>",
  rest: "/api/v1",
  documents: ["/docs", "/openapi.json", "/asyncapi.json"],
  accounts: [
    "/auth/sign-up/email",
    "/auth/sign-in/email",
    "/auth/sign-out",
    "/auth/get-session",
    "/auth/token",
    "/auth/jwks",
  ],
  operations: ["/healthz", "/readyz", "/metrics"],
};

/** The public door. While it is open, what has expired is pruned. */
export async function openApi(context: Context): Promise<OpenDoor> {
  const { config, logger, metrics, origins, sql, broker, peers, upstreams } = context;
  const checks = { database: () => pingDatabase(sql), ...readyOnce(upstreams) };
  const app = createServiceApp({ service: config.service, logger, metrics, checks, instances: peers.announced });
  const { stopping } = lifecycleOf(app);
  const edge = createEdge({ origins, isHttps: config.publicUrl.startsWith("https:") });
  const trpcDoor = createTrpcDoor({ ...context, stopping, deadlineMs: context.callDeadlineMs });
  const authDoor = createAuthDoor(context);
  const documents = createServiceDocuments({ upstreams, logger, refreshMs: context.documentsRefreshMs });
  stopping.addEventListener("abort", () => documents.stop(), { once: true });
  const restApi = createRestApi(documents);
  const restDoor = createRestDoor({ api: restApi, documents, trpcDoor, logger });
  const proxies = createTrustedProxies(config.trustedProxies);
  const targetsOf = createTargetNamer({ services: new Set(upstreams.keys()), restApi });
  const receive = createReception({ ...context, edge, targetsOf, proxies, stopping });

  // Elysia parses cookies, queries and headers for whoever takes its context whole.
  app
    .all("/trpc/*", ({ request, server }) => receive({ request, server }, "/trpc", trpcDoor), { parse: "none" })
    .all("/api/v1/*", ({ request, server }) => receive({ request, server }, "/api/v1", restDoor), { parse: "none" })
    .all("/auth/*", ({ request, server }) => receive({ request, server }, "/auth", authDoor), { parse: "none" })
    .get("/", () => secureJson(index));
  addDocumentRoutes(app, restApi);

  const door = await openAnnounced(app, { config, logger, checks, broker });
  const pruner = startPruning({ ...context, prunings: gatewayPrunings(context) });
  return {
    ...door,
    async close() {
      await Promise.all([door.close(), pruner.stop()]);
    },
  };
}

/** Lives as the process until it is told to stop. */
export async function runApi(): Promise<void> {
  await runWithContext(
    () => createContext(readGatewayConfig()),
    async (context) => [await openApi(context)],
  );
}

if (import.meta.main) await runApi();
