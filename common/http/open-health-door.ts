import type { SQL } from "bun";
import { pingDatabase } from "../database/ping-database.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Peers } from "../resilience/peers.ts";
import { type OpenDoor, openApp } from "./open-app.ts";
import { createServiceApp } from "./service-app.ts";

type Options = {
  config: { service: string; host: string; healthPort: number };
  logger: Logger;
  metrics: Metrics;
  sql: SQL;
  /** What is known of this service's neighbours, for `/readyz`. */
  peers: Pick<Peers, "announced">;
};

/**
 * For a process that is only told: `/healthz`, `/readyz` and `/metrics`, for whoever watches it, and no procedure.
 * It is not announced, since nobody is to call it. Throws an error that names the port when it is taken.
 */
export async function openHealthDoor({ config, logger, metrics, sql, peers }: Options): Promise<OpenDoor> {
  const { service, host, healthPort: port } = config;
  const app = createServiceApp({
    service,
    logger,
    metrics,
    checks: { database: () => pingDatabase(sql) },
    instances: () => peers.announced(),
  });
  const door = await openApp(app, { host, port });
  logger.info({ url: door.url }, "listening");
  return door;
}
