import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import fc from "fast-check";
import { prepareFuzz } from "./support/abuse/prepare-fuzz.ts";
import { runFuzz } from "./support/abuse/run-fuzz.ts";
import { spoiled } from "./support/abuse/spoiled-value.ts";
import { validValue } from "./support/abuse/valid-value.ts";
import { ask } from "./support/ask.ts";
import { authorizationRows, type Row, type World } from "./support/authorization-rows.ts";
import { type CallerName, type Callers, callerNames, makeCallers } from "./support/callers.ts";
import { type Procedure, publicProcedures } from "./support/procedures.ts";
import { type System, startSystem } from "./support/start-system.ts";

const fuzzRequests = Number(process.env.FUZZ_REQUESTS ?? 1_500);
const fuzzSeed = Number(process.env.FUZZ_SEED ?? 20_261_122);
const procedures = publicProcedures();

let system: System;
let callers: Callers;
let world: World;

beforeAll(async () => {
  process.env.AUTH_RATE_LIMIT_MAX = "0";
  system = await startSystem();
  callers = await makeCallers(system);
  const found = await ask(system.gateway, { name: "inventory.search", type: "query", input: { limit: 1 } });
  const [product] = (found.data as { items: { sku: string }[] }).items;
  const sku = product?.sku ?? "";
  world = { sku, orderId: await placeOrder(callers.customer, sku) };
}, 180_000);

afterAll(() => system?.stop(), 60_000);

async function placeOrder(headers: Record<string, string>, sku: string): Promise<string> {
  const input = { idempotencyKey: crypto.randomUUID(), lines: [{ sku, quantity: 1 }], shippingAddress: anAddress };
  const { data, status } = await ask(system.gateway, { name: "order.place", type: "mutation", input, headers });
  if (status !== 200) throw new Error(`order.place answered ${status}`);
  return (data as { id: string }).id;
}

/** What the row says of a caller: `allowed`, or the reason he is refused for. */
function expected(row: Row, caller: CallerName): string {
  switch (caller) {
    case "expiredSession":
    case "revokedSession":
    case "expiredKey":
    case "revokedKey":
      return "unauthenticated";
    case "keyWithoutScope":
      return "forbidden or missing_scope";
    case "nobody":
      return row.access === "anyone" ? "allowed" : "unauthenticated";
    case "customer":
      return row.access === "operator" ? "forbidden" : "allowed";
    case "otherCustomer":
      return row.access === "operator" ? "forbidden" : (row.hidden ?? "allowed");
    case "operator":
      return "allowed";
  }
}

/** Refused for who asks, or answered: a rule of the shop may still say no. */
function seen(
  row: Row,
  caller: CallerName,
  { status, reason }: { status: number; reason: string | undefined },
): string {
  if (caller === "keyWithoutScope" && status === 403 && (reason === "forbidden" || reason === "missing_scope"))
    return "forbidden or missing_scope";
  if (status === 401 || status === 403) return reason ?? "refused";
  if (reason !== undefined && reason === row.hidden) return reason;
  return status < 500 && reason !== "invalid_input" && reason !== "unknown_procedure"
    ? "allowed"
    : `${status} ${reason}`;
}

describe("the authorization matrix", () => {
  test("has a row for each procedure, and none for what there is not", () => {
    const names = procedures.map(({ name }) => name).sort();
    // Whoever adds a procedure says here who may call it.
    expect(Object.keys(authorizationRows).sort()).toEqual(names);
  });

  test("agrees with what the procedures say of themselves", () => {
    const differing = procedures.filter(({ name, access }) => authorizationRows[name]?.access !== access);
    expect(differing.map(({ name }) => name)).toEqual([]);
  });

  test.each(procedures.map((procedure) => [procedure.name, procedure] as const))(
    "%s is for whom it is meant",
    async (name, { type }) => {
      const row = authorizationRows[name];
      if (!row) throw new Error(`${name} has no row in e2e/support/authorization-rows.ts`);
      const outcomes: Record<string, string> = {};
      for (const caller of callerNames) {
        const input = row.input(world);
        const outcome = await ask(system.gateway, { name, type, input, headers: callers[caller] });
        outcomes[caller] = seen(row, caller, outcome);
      }
      expect(outcomes).toEqual(Object.fromEntries(callerNames.map((caller) => [caller, expected(row, caller)])));
    },
    60_000,
  );
});

describe("a filter cannot widen what its caller may see", () => {
  const names = ["order.list", "inventory.search", "inventory.availability", "inventory.bySku"];
  const queries = procedures.filter(({ name }) => names.includes(name));
  let hiddenSku: string;

  beforeAll(async () => {
    for (let order = 0; order < 3; order++) {
      await placeOrder(callers.customer, world.sku);
      await placeOrder(callers.otherCustomer, world.sku);
    }
    hiddenSku = `HIDDEN-${crypto.randomUUID().slice(0, 8)}`;
    const product = { sku: hiddenSku, name: "Hidden", unitPrice: { amountMinor: 1, currency: "EUR" }, initialStock: 5 };
    const change = (name: string, input: object) =>
      ask(system.gateway, {
        name,
        type: "mutation",
        input: { idempotencyKey: crypto.randomUUID(), ...input },
        headers: callers.operator,
      });
    expect((await change("inventory.createProduct", product)).status).toBe(200);
    expect((await change("inventory.updateProduct", { sku: hiddenSku, isActive: false })).status).toBe(200);
  }, 60_000);

  /** Also with fields that are no part of the input, in the hope that somebody looks at them. */
  function inputOf({ input, schemas }: Procedure): fc.Arbitrary<unknown> {
    const pools = {
      ids: [callers.customerId, callers.otherCustomerId],
      orderIds: [],
      skus: [world.sku, hiddenSku],
      streams: [],
    };
    const valid = validValue(input ?? {}, { schemas, pools });
    const wider = fc.record({ valid, more: fc.constantFrom(...widening()) }).map(({ valid: value, more }) => ({
      ...(value as object),
      ...more,
    }));
    return fc.oneof(valid, wider, wider, spoiled(valid));
  }

  const widening = () => [
    { customerId: callers.otherCustomerId },
    { customerId: null },
    { where: { customerId: callers.otherCustomerId } },
    { role: "operator", caller: { role: "operator" } },
    { showsInactive: true, isActive: false },
    { customerId: { $ne: "" } },
    { limit: 100 },
  ];

  test("customers see their own orders alone, nobody sees a product that is not for sale", async () => {
    let answered = 0;
    for (const query of queries) {
      for (const input of fc.sample(inputOf(query), { numRuns: 60, seed: fuzzSeed })) {
        for (const caller of ["customer", "nobody"] as const) {
          const asked = { name: query.name, type: "query", input, headers: callers[caller] } as const;
          const { status, data } = await ask(system.gateway, asked);
          if (status === 200) answered++;
          const text = JSON.stringify(data ?? {});
          expect(text).not.toContain(callers.otherCustomerId);
          if (query.service === "inventory") expect(text).not.toContain(`"sku":"${hiddenSku}"`);
        }
      }
    }
    expect(answered).toBeGreaterThan(100);
  }, 120_000);

  test("but the operator does, or the test would prove nothing", async () => {
    const listed = await ask(system.gateway, {
      name: "order.list",
      type: "query",
      input: { limit: 100 },
      headers: callers.operator,
    });
    expect(JSON.stringify(listed.data)).toContain(callers.otherCustomerId);
    const found = await ask(system.gateway, {
      name: "inventory.bySku",
      type: "query",
      input: { sku: hiddenSku },
      headers: callers.operator,
    });
    expect(found.status).toBe(200);
  });
});

describe("what services ask each other", () => {
  const internal = ["events.read", "quote", "fulfilment.authorizeDispatch", "fulfilment.authorizeDispatches"];
  const paths = internal.flatMap((name) =>
    ["order", "inventory", "worker"].flatMap((service) => [
      `/internal/${name}`,
      `/trpc/${service}.${name}`,
      `/trpc/${service}.${name},order.list?batch=1`,
      `/trpc/${service}.list%2f..%2f..%2finternal%2f${name}`,
      `/trpc/${service}.%2e%2e%2finternal%2f${name}`,
      `/trpc/${service}..%2Finternal%2F${name}`,
      `/trpc/../internal/${name}`,
      `/trpc/./../internal/${name}`,
      `/trpc//internal/${name}`,
      `//internal/${name}`,
      `/trpc;/internal/${name}`,
      `/trpc/${service};x/../../internal/${name}`,
      `/trpc/${service}.list\\..\\..\\internal\\${name}`,
      `/TRPC/${service}.${name}`,
      `/trpc/${service.toUpperCase()}.${name}`,
      `/Internal/${name}`,
      `/api/v1/../../internal/${name}`,
      `/api/v1/internal/${name}`,
      `/auth/../internal/${name}`,
      `http://127.0.0.1/internal/${name}`,
    ]),
  );

  test("is out of reach from outside, however it is spelled and whoever asks", async () => {
    const { port } = new URL(system.gateway);
    const reached: string[] = [];
    for (const path of paths) {
      for (const headers of [
        {},
        callers.operator,
        { "x-orderflow-token": "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZSJ9." },
      ]) {
        const answer = await rawGet(Number(port), path, headers);
        const status = Number(answer.split(" ")[1]);
        const isAnswered = status === 200 || status >= 500 || /"afterId"|"quotes?"|"logid"/.test(answer);
        if (isAnswered) reached.push(`${path}: ${answer.slice(0, 200)}`);
      }
    }
    expect(reached).toEqual([]);
    expect(paths.length).toBeGreaterThan(150);
  }, 120_000);
});

test(`${fuzzRequests} requests made from the schemas are answered without a fault, a hang or a leak`, async () => {
  const prepared = await prepareFuzz(system.gateway, callers);
  const { findings, ...figures } = await runFuzz({ ...prepared, requests: fuzzRequests, seed: fuzzSeed });
  console.log({ seed: fuzzSeed, ...figures });
  expect(findings.slice(0, 5)).toEqual([]);
  expect(figures.neverReached.length).toBeLessThan(figures.asked / 4);
}, 600_000);

test("and what came of them is right: no listener was told what it cannot read, and the audit finds nothing", async () => {
  await eventually(async () => expect(await system.command("audit")).toMatchObject({ code: 0 }), {
    timeoutMs: 60_000,
    intervalMs: 1_000,
  });
}, 90_000);

/** Sends the path as it is: fetch would tidy it. */
function rawGet(port: number, path: string, headers: Record<string, string>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const lines = Object.entries({ host: "127.0.0.1", connection: "close", ...headers }).map(
    ([n, v]) => `${n}: ${v}\r\n`,
  );
  let text = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`));
  socket.setTimeout(20_000, () => socket.destroy());
  socket.on("data", (bytes) => {
    text += bytes.toString();
  });
  socket.on("close", () => resolve(text)).on("error", () => resolve(text));
  return promise;
}
