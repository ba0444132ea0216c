import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { topicOf } from "@orderflow/common/messaging/topics";
import { serviceNames } from "../service-names.ts";
import { brokerUserNames, brokerUsers } from "./broker-users.ts";

const root = resolve(import.meta.dir, "../..");
const users = brokerUsers(Object.fromEntries(brokerUserNames.map((name) => [name, "x"])));

/** The streams that a service's code names where it says what it consumes. */
function consumedBy(service: string): string[] {
  const paths = ["worker.ts", "handlers/consumers.ts"].map((file) => join(root, service, file)).filter(existsSync);
  const text = paths.map((path) => readFileSync(path, "utf8")).join("\n");
  const named = [...text.matchAll(/\bstream: "([\w.]+)"|([\w.]+)"?: Apply\b/g)].map(
    ([, stream, key]) => stream ?? key ?? "",
  );
  return [...new Set(named.map(topicOf))].sort();
}

// Without the right to read, a service would only ever ask, a quarter of a second later, and nobody would notice.
test.each(serviceNames)("%s may read the streams that it consumes, and no others", (service) => {
  const rights = users.find(({ name }) => name === service)?.mayRead ?? [];
  expect(rights.filter((filter) => /\/(?:evt|cmd)\//.test(filter)).sort()).toEqual(consumedBy(service));
});
