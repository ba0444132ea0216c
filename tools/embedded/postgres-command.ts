import type { PostgresCluster } from "./postgres-cluster.ts";

export type PostgresSettings = { port: number; isDurable: boolean; maxConnections: number };

/** The command that runs the cluster in the foreground on 127.0.0.1. */
export function postgresCommand(cluster: PostgresCluster, settings: PostgresSettings): string[] {
  const options: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: String(settings.maxConnections),
    shared_buffers: "256MB",
    max_wal_size: "1GB",
    checkpoint_timeout: "5min",
    wal_compression: "on",
    jit: "off",
    max_parallel_workers_per_gather: "0",
    logging_collector: "off",
    log_checkpoints: "off",
    // A failed statement is logged by whoever sent it, with its trace.
    log_min_messages: "fatal",
    log_line_prefix: "",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(settings.isDurable ? durable : forgetful),
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return [cluster.binary, "-D", cluster.dataFolder, "-p", String(settings.port), ...flags];
}

const durable = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };

/** For tests alone: an order of magnitude faster, and a power cut may cost the whole data folder. */
const forgetful = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  autovacuum: "off",
  wal_compression: "off",
};

export function postgresUrl(cluster: PostgresCluster, port: number, database = "postgres"): string {
  return `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`;
}
