import { afterAll, beforeAll, expect, test } from "bun:test";
import { decodeProtectedHeader } from "jose";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

let order: StandIn;
/** Two of one shop: one signs with the old secret still, the other with the new one already. Both know both. */
let gateways: { old: TestGateway; new: TestGateway };
const secrets = { old: `${"o".repeat(20)}ld-secret-5b8d1f4a6c0e9b`, new: `${"n".repeat(20)}ew-secret-7f3a9c2e` };

beforeAll(async () => {
  order = await openStandIn("order");
  const ORDER_URL = order.url;
  const first = await startGateway({ ORDER_URL, AUTH_SECRET: secrets.old, OTHER_AUTH_SECRET: secrets.new });
  const settings = { ORDER_URL, AUTH_SECRET: secrets.new, OTHER_AUTH_SECRET: secrets.old };
  gateways = { old: first, new: await startGateway(settings, {}, first.database) };
});
afterAll(async () => {
  await gateways.new.close();
  await gateways.old.close();
  await order.close();
});

async function statusAt(gateway: TestGateway, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${gateway.url}/trpc/order.whoAmI`, { headers })).status;
}

const keyIdOf = (jwt: string) => decodeProtectedHeader(jwt).kid;
const retireKeys = () => gateways.old.database.sql`update jwks set expires_at = now()`;

test("while AUTH_SECRET is changed, JWTs of each gateway are made and believed at both", async () => {
  const [before, after] = [await signUp(gateways.old.url), await signUp(gateways.new.url)];
  expect(keyIdOf(before.jwt)).toBe(keyIdOf(after.jwt));
  for (const { jwt } of [before, after]) {
    for (const gateway of Object.values(gateways)) expect(await statusAt(gateway, jwt)).toBe(200);
  }
});

test("a key that is retired signs no more, and what it signed is believed until it expires", async () => {
  const before = await signUp(gateways.old.url);
  await retireKeys();
  const after = await signUp(gateways.new.url);
  const other = await signUp(gateways.old.url);
  expect(keyIdOf(after.jwt)).not.toBe(keyIdOf(before.jwt));
  expect(keyIdOf(other.jwt)).toBe(keyIdOf(after.jwt));
  for (const { jwt } of [before, after]) {
    for (const gateway of Object.values(gateways)) expect(await statusAt(gateway, jwt)).toBe(200);
  }
});

test("a gateway that knows the new secret alone needs the old one for nothing, once keys were retired", async () => {
  const { database } = gateways.old;
  await retireKeys();
  await signUp(gateways.new.url);
  const last = await startGateway({ ORDER_URL: order.url, AUTH_SECRET: secrets.new }, {}, database);
  try {
    expect(await statusAt(gateways.old, (await signUp(last.url)).jwt)).toBe(200);
  } finally {
    await last.close();
  }
});
