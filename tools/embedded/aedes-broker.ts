import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { BrokerUser } from "@orderflow/infra/broker/broker-users";
import { Aedes, type AedesOptions, type Client } from "aedes";
import { coversFilter, matchesTopic } from "./topic-filter.ts";

export type AedesSettings = { port: number; users: BrokerUser[] };

const maxPacketBytes = 1_048_576;

/** The broker for machines without mosquitto, with the same users and rights. */
export async function openAedesBroker({ port, users }: AedesSettings): Promise<{ close(): Promise<void> }> {
  const broker = await Aedes.createBroker({ maximumPacketSize: maxPacketBytes, ...accessRules(users) });
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    broker.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const close = () => new Promise<void>((resolve) => broker.close(() => server.close(() => resolve())));
  return { close };
}

function accessRules(users: BrokerUser[]): AedesOptions {
  const known = new Map(users.map((user) => [user.name, user]));
  const signedIn = new WeakMap<Client, BrokerUser>();
  return {
    authenticate: (client, name, password, done) => {
      const user = known.get(name ?? "");
      const isKnown = user !== undefined && isSame(password?.toString() ?? "", user.password);
      if (isKnown) signedIn.set(client, user);
      done(null, isKnown);
    },
    authorizePublish: (client, packet, done) => {
      const filters = client ? signedIn.get(client)?.mayPublish : undefined;
      const isAllowed = filters?.some((filter) => matchesTopic(filter, packet.topic));
      done(isAllowed ? null : new Error(`publishing to ${packet.topic} is not allowed`));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const filters = signedIn.get(client)?.mayRead;
      const isAllowed = filters?.some((filter) => coversFilter(filter, subscription.topic));
      done(null, isAllowed ? subscription : null);
    },
  };
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

if (import.meta.main) {
  const settings: AedesSettings = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
  const broker = await openAedesBroker(settings);
  console.log(`aedes listens on 127.0.0.1:${settings.port}`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void broker.close().finally(() => process.exit(0)));
  }
}
