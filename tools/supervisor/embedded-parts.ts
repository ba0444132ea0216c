import { join } from "node:path";
import { brokerUsers, observerName } from "@orderflow/infra/broker/broker-users";
import { type BrokerKind, findMosquitto, prepareBroker } from "../embedded/broker.ts";
import { baseEnvironment } from "../embedded/launch.ts";
import { stopPostgres } from "../embedded/postgres.ts";
import type { PostgresCluster } from "../embedded/postgres-cluster.ts";
import { postgresCommand, postgresUrl } from "../embedded/postgres-command.ts";
import { clearDeadPostmaster, runningPostmaster } from "../embedded/postmaster.ts";
import { localUrl } from "./instances.ts";
import type { ProcessSpec } from "./process-set.ts";
import type { Secrets } from "./secrets.ts";

/** While it recovers, PostgreSQL says so to everyone who asks and to the log; those who ask log it themselves. */
const refusedMeanwhile =
  /the database system is (starting up|shutting down|not yet accepting)|^DETAIL: +(Consistent recovery|Recovery)|^FATAL: +terminating /;

export function postgresSpec(cluster: PostgresCluster, port: number): ProcessSpec {
  return {
    name: "postgres",
    launch: async () => {
      const stray = runningPostmaster(cluster.dataFolder);
      if (stray) await stopPostgres(stray.pid);
      await clearDeadPostmaster(cluster.dataFolder);
      const command = postgresCommand(cluster, { port, isDurable: true, maxConnections: 200 });
      return { command, cwd: cluster.folder, env: cluster.env, user: cluster.user };
    },
    record: (run, pid) => {
      run.postgres = { pid, url: postgresUrl(cluster, port) };
    },
    isNoise: (line) => refusedMeanwhile.test(line),
    stopSignal: "SIGINT",
    stopTimeoutMs: 20_000,
  };
}

export type BrokerPart = { spec: ProcessSpec; urlFor: (user: string) => string };

type BrokerPartOptions = {
  folder: string;
  port: number;
  secrets: Secrets;
  isPersistent: boolean;
  kind?: BrokerKind;
};

export function brokerPart(options: BrokerPartOptions): BrokerPart {
  const kind = options.kind ?? (findMosquitto() ? "mosquitto" : "aedes");
  const { folder, port, secrets, isPersistent } = options;
  const urlFor = (user: string) => `mqtt://${user}:${secrets.brokerPasswords[user]}@127.0.0.1:${port}`;
  return {
    urlFor,
    spec: {
      name: "broker",
      launch: () => prepareBroker({ kind, folder, port, isPersistent, users: brokerUsers(secrets.brokerPasswords) }),
      record: (run, pid) => {
        run.broker = { kind, pid, url: urlFor(observerName) };
      },
      // Its advice is of versions that Debian does not ship yet.
      isNoise: (line) => line.includes("replace `message_size_limit`"),
      stopTimeoutMs: 3_000,
    },
  };
}

export function mailboxSpec(ports: { mailbox: number; smtp: number }): ProcessSpec {
  const folder = join(import.meta.dir, "../mailbox");
  const env = { ...baseEnvironment(), MAILBOX_PORT: String(ports.mailbox), SMTP_PORT: String(ports.smtp) };
  const capacity = process.env.MAILBOX_CAPACITY;
  return {
    name: "mailbox",
    launch: () => ({
      command: [process.execPath, "main.ts"],
      cwd: folder,
      env: { ...env, ...(capacity ? { MAILBOX_CAPACITY: capacity } : {}) },
      isBackground: true,
    }),
    record: (run, pid) => {
      run.mailbox = { pid, url: localUrl(ports.mailbox), smtpUrl: `smtp://127.0.0.1:${ports.smtp}` };
    },
    stopTimeoutMs: 3_000,
  };
}
