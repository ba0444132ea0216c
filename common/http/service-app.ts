import { Elysia } from "elysia";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { type Checks, checkReadiness } from "./check-readiness.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { secure, secureJson } from "./security-headers.ts";

export type ServiceAppOptions = {
  service: string;
  logger: Logger;
  metrics: Metrics;
  /** Each resolves when what it looks at can be used. */
  checks: Checks;
  /** Live instances of each neighbour, shown beside the checks: none of them makes this service unready. */
  instances?: () => Record<string, number>;
};

/**
 * What every service answers besides its procedures: `/healthz` (the process runs), `/readyz` (send it calls;
 * 503 when a check fails and from the moment it begins to stop), `/metrics`, and JSON for whatever is unknown or fails.
 */
export function createServiceApp({ service, logger, metrics, checks, instances }: ServiceAppOptions) {
  // Otherwise a host of up to three letters, such as http://api/, swallows the beginning of the path.
  const app = new Elysia({ handler: { standardHostname: false } })
    .onError({ as: "global" }, ({ code, error }) => {
      if (code === "NOT_FOUND") return secureJson({ status: "not_found" }, 404);
      if (code === "PARSE" || code === "VALIDATION") return secureJson({ status: "invalid_input" }, 400);
      logger.error({ err: error }, "A request failed outside every procedure");
      return secureJson({ status: "internal_server_error" }, 500);
    })
    .get("/healthz", () => secureJson({ status: "ok", service }))
    .get("/readyz", async () => {
      const readiness = await checkReadiness(checks, lifecycle.stopping.aborted);
      return secureJson(
        { ...readiness, ...(instances && { instances: instances() }) },
        readiness.status === "ready" ? 200 : 503,
      );
    })
    .get("/metrics", async ({ request }) => {
      const { contentType, body } = await metrics.exposition(request.headers.get("accept") ?? "");
      const headers = new Headers({ "content-type": contentType });
      secure(headers);
      return new Response(body, { headers });
    });
  const lifecycle = lifecycleOf(app);
  return app;
}
