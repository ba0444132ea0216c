import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { eventually } from "@orderflow/tools/testing/eventually";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { startGateway, type TestGateway } from "./testing/start-gateway.ts";

/** As many as may be under way before anything is known of how long they take. */
const first = 200;

let order: StandIn;
let inventory: StandIn;
const open: TestGateway[] = [];

beforeAll(async () => {
  [order, inventory] = await Promise.all([openStandIn("order"), openStandIn("inventory")]);
});

afterAll(async () => {
  await Promise.all(open.map((gateway) => gateway.close()));
  await Promise.all([order.close(), inventory.close()]);
});

async function start(settings: Record<string, string> = {}): Promise<TestGateway> {
  const gateway = await startGateway({ ORDER_URL: order.url, INVENTORY_URL: inventory.url, ...settings });
  open.push(gateway);
  return gateway;
}

const echo = (gateway: TestGateway, service: string) =>
  fetch(`${gateway.url}/trpc/${service}.echo?input=${encodeURIComponent('{"text":"hello"}')}`);

/** So many calls to order that are not answered before the returned function is called. By sockets: `fetch` has 256 for all. */
async function hang({ door }: TestGateway, calls: number): Promise<() => void> {
  const before = order.requests.length;
  const head = "GET /trpc/order.hang HTTP/1.1\r\nhost: localhost\r\n\r\n";
  const sockets = await Promise.all(Array.from({ length: calls }, () => sendTo(door.port, head)));
  await eventually(() => expect(order.requests.length).toBe(before + calls));
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

test("what comes past those under way is refused at once, and taken again as soon as they end; other services go on", async () => {
  const gateway = await start();
  const end = await hang(gateway, first);
  const refused = await echo(gateway, "order");
  const { error } = (await refused.json()) as { error: { data: Record<string, unknown> } };
  expect([refused.status, error.data.code, error.data.reason]).toEqual([503, "SERVICE_UNAVAILABLE", "overloaded"]);
  expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 4);
  expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await echo(gateway, "inventory")).status).toBe(200);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/gateway_shed_total\{target="order",.*\} 1\n/);
  end();
  await eventually(async () => expect((await echo(gateway, "order")).status).toBe(200));
});

test("a batch takes a place of each service that it asks, wherever in it, and gives all back", async () => {
  const gateway = await start();
  const inputs = encodeURIComponent(JSON.stringify({ 0: { text: "a" }, 1: { text: "b" } }));
  const ask = (names: string) => fetch(`${gateway.url}/trpc/${names}?batch=1&input=${inputs}`);
  const underWay = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return [...text.matchAll(/gateway_requests_under_way\{target="(\w+)",.*\} (\d+)\n/g)].map(([, ...shown]) =>
      shown.join(" "),
    );
  };
  const end = await hang(gateway, first);
  for (const names of [
    "x,order.echo",
    "order,order.echo",
    "x%2corder.echo",
    "%2C,order.echo%2Corder.echo",
    "account.me,order.echo",
    "inventory.echo,order.echo",
  ]) {
    const { status, headers } = await ask(names);
    expect([names, status, Number(headers.get("retry-after")) > 0]).toEqual([names, 503, true]);
  }
  expect((await ask("x,inventory.echo")).status).toBe(207);
  end();
  await eventually(async () => expect((await ask("inventory.echo,order.echo")).status).toBe(200));
  expect((await underWay()).toSorted()).toEqual(["account 0", "inventory 0", "order 0"]);
});

test("a page of ours is told, and may ask whether it may ask", async () => {
  const gateway = await start({ TRUSTED_ORIGINS: "https://shop.example" });
  const end = await hang(gateway, first);
  const headers = { origin: "https://shop.example" };
  const refused = await fetch(`${gateway.url}/trpc/order.whoAmI`, { headers });
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([503, headers.origin]);
  const preflight = await fetch(`${gateway.url}/trpc/order.whoAmI`, {
    method: "OPTIONS",
    headers: { ...headers, "access-control-request-method": "POST" },
  });
  expect(preflight.status).toBe(204);
  end();
});

test("who sends a body slowly takes the place of nobody", async () => {
  const gateway = await start();
  const head =
    "POST /trpc/order.echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{";
  const slow = await Promise.all(Array.from({ length: first + 20 }, () => sendTo(gateway.door.port, head)));
  await eventually(async () => expect((await echo(gateway, "order")).status).toBe(200));
  const end = await hang(gateway, first);
  expect((await echo(gateway, "order")).status).toBe(503);
  end();
  for (const socket of slow) socket.destroy();
  await eventually(async () => expect((await echo(gateway, "order")).status).toBe(200));
});

test("a target of 0 refuses nobody", async () => {
  const gateway = await start({ LATENCY_TARGET_MS: "0" });
  const end = await hang(gateway, first);
  expect((await echo(gateway, "order")).status).toBe(200);
  end();
});

function sendTo(port: number, bytes: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes, () => resolve(socket)));
  socket.on("error", reject);
  return promise;
}
