import { expect, test } from "bun:test";
import { newId } from "../ids.ts";
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
const id = newId();
const anEnd = { position: 0, id: null, logId: id };
const tooManyHeads = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, anEnd]));
const topic = presenceTopic("order", "order-1");
const read = (said: unknown, where = topic) => readPresence(where, Buffer.from(JSON.stringify(said)));

test("a presence is read as it was announced", () => {
  expect(read(presence)).toEqual(presence);
  expect(read({ ...presence, url: "https://order.example/" })?.url).toBe("https://order.example");
});

test("a presence says where the streams end", () => {
  const heads = {
    order: { position: 3, id, logId: id },
    "order.commands.worker": { position: 0, id: null, logId: id },
  };
  expect(read({ ...presence, heads })?.heads).toEqual(heads);
  expect(read({ ...presence, whatComesLater: 1 })).toEqual(presence);
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
  ["with a stream that ends before it begins", { ...presence, heads: { order: { position: -1, id, logId: id } } }],
  ["with a stream that ends nowhere", { ...presence, heads: { order: { position: 3 } } }],
  ["with more streams than a service has", { ...presence, heads: tooManyHeads }],
  ["that is a list", [presence]],
])("a presence %s is not believed", (_, said) => {
  expect(read(said)).toBeUndefined();
});

test("what is not JSON is not believed", () => {
  expect(readPresence(topic, Buffer.from("{"))).toBeUndefined();
});
