import { expect, test } from "bun:test";
import { presenceTopic, readPresence } from "./presence.ts";

const presence = {
  service: "order",
  instance: "order-1",
  url: "http://10.0.0.7:3001",
  version: "1.2.3",
  startedAt: "2026-11-22T15:00:00.000Z",
  load: 3,
  ttlMs: 6_000,
};
const topic = presenceTopic("order", "order-1");
const read = (said: unknown, where = topic) => readPresence(where, Buffer.from(JSON.stringify(said)));

test("a presence is read as it was announced", () => {
  expect(read(presence)).toEqual(presence);
  expect(read({ ...presence, url: "https://order.example/" })?.url).toBe("https://order.example");
});

test.each([
  ["of another service than its topic", { ...presence, service: "inventory" }],
  ["of another instance than its topic", { ...presence, instance: "order-2" }],
  ["with another scheme", { ...presence, url: "file:///etc/passwd" }],
  ["with credentials in its URL", { ...presence, url: "http://a:b@10.0.0.7:3001" }],
  ["with a path", { ...presence, url: "http://10.0.0.7:3001/admin" }],
  ["with a query", { ...presence, url: "http://10.0.0.7:3001/?a=b" }],
  ["at a cloud machine's metadata", { ...presence, url: "http://169.254.169.254" }],
  ["at a link-local address", { ...presence, url: "http://[fe80::1]:3001" }],
  ["that would be believed for an hour", { ...presence, ttlMs: 3_600_000 }],
  ["without a URL", { ...presence, url: undefined }],
  ["too large to be one", { ...presence, version: "x".repeat(4_000) }],
  ["that is a list", [presence]],
])("a presence %s is not believed", (_, said) => {
  expect(read(said)).toBeUndefined();
});

test("what is not JSON is not believed", () => {
  expect(readPresence(topic, Buffer.from("{"))).toBeUndefined();
});
