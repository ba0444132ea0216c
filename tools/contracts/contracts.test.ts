import { beforeAll, describe, expect, test } from "bun:test";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { type Contracts, contractFiles, currentContracts, readContracts } from "./current-contracts.ts";
import { runContracts } from "./run-contracts.ts";

const current = currentContracts();
const root = temporaryFolder();

/** The contracts as a later version would have them: read back from files, so that nothing is shared. */
function changed(change: (contracts: Contracts) => void): Contracts {
  const later = readContracts(contractFiles(current));
  change(later);
  return later;
}

function run(contracts: Contracts, isCheck = true) {
  const lines: string[] = [];
  const exitCode = runContracts({ root, isCheck, current: contracts, log: (line) => lines.push(line) });
  return { exitCode, text: lines.join("\n") };
}

// biome-ignore lint/suspicious/noExplicitAny: A test digs into documents as they are.
type Json = any;

const place = ({ apis }: Contracts): Json => apis.order?.paths["/api/v1/orders"]?.post;
const list = (apis: Contracts["apis"]): Json => apis.order?.paths["/api/v1/orders"]?.get;
const body = (contracts: Contracts): Json => place(contracts).requestBody.content["application/json"].schema;
const schema = ({ apis }: Contracts, name: string): Json => apis.order?.components.schemas[name];
const event = ({ events }: Contracts, type: string): Json => events.events[type];

beforeAll(() => {
  expect(run(current, false).exitCode).toBe(0);
});

test("the committed contracts are what the code promises", () => {
  for (const [name, text] of contractFiles(current)) {
    expect([name, readFileSync(join(repositoryRoot, "contracts", name), "utf8") === text]).toEqual([name, true]);
  }
});

describe("a break is named, and nothing is written:", () => {
  const breaks: [string, (contracts: Contracts) => void][] = [
    ["POST /api/v1/orders: removed", ({ apis }) => delete apis.order?.paths["/api/v1/orders"]?.post],
    ["order.place: removed", (to) => (place(to).operationId = "order.submit")],
    ["POST /api/v1/orders 201: removed", (to) => delete place(to).responses["201"]],
    ["POST /api/v1/orders 201.total: removed", (to) => delete schema(to, "Order").properties.total],
    ["POST /api/v1/orders 201.number: may be missing now", (to) => schema(to, "Order").required.splice(1, 1)],
    [
      "POST /api/v1/orders 201.version: the type was integer and is string",
      (to) => (schema(to, "Order").properties.version.type = "string"),
    ],
    [
      "POST /api/v1/orders 201.number: null is new in answers",
      (to) => (schema(to, "Order").properties.number.type = ["string", "null"]),
    ],
    [
      "POST /api/v1/orders 201.lines[].sku: the type was string and is integer",
      (to) => (schema(to, "Sku").type = "integer"),
    ],
    ["POST /api/v1/orders body.coupon: required now", (to) => body(to).required.push("coupon")],
    ["POST /api/v1/orders body.lines: maxItems is 5", (to) => (body(to).properties.lines.maxItems = 5)],
    [
      "POST /api/v1/orders body.shippingAddress.line2: removed",
      (to) => delete body(to).properties.shippingAddress.properties.line2,
    ],
    [
      "POST /api/v1/orders header X-Shop: required now",
      (to) => place(to).parameters.push({ name: "X-Shop", in: "header", required: true, schema: {} }),
    ],
    [
      'GET /api/v1/orders query status: the value "pending" is not accepted',
      ({ apis }) => list(apis).parameters[0].schema.enum.shift(),
    ],
    [
      "GET /api/v1/products: needs credentials now",
      ({ apis }) => apis.inventory?.paths["/api/v1/products"]?.get?.security.push({ bearer: [] }),
    ],
    ["worker: the whole API was removed", ({ apis }) => delete apis.worker],
    ["stock.low: removed", ({ events }) => delete events.events["stock.low"]],
    ["stock.low.name: removed", (to) => delete event(to, "stock.low").schema.properties.name],
    ["stock.low.name: may be missing now", (to) => event(to, "stock.low").schema.required.splice(1, 1)],
    ["stock.low.shelf: required now", (to) => event(to, "stock.low").schema.required.push("shelf")],
    ["stock.low: moved from the stream inventory to stock", (to) => (event(to, "stock.low").stream = "stock")],
    [
      'stock.rejected.reason: the value "mislaid" is not accepted by those who listen today',
      (to) => event(to, "stock.rejected").schema.properties.reason.enum.push("mislaid"),
    ],
  ];

  test.each(breaks)("%s", (line, change) => {
    const before = readFileSync(join(root, "contracts/openapi-order.json"), "utf8");
    const { exitCode, text } = run(changed(change), false);
    expect(text).toContain(`  ${line}\n`);
    expect(exitCode).toBe(1);
    expect(readFileSync(join(root, "contracts/openapi-order.json"), "utf8")).toBe(before);
  });
});

describe("an addition is written, and asked for by the check:", () => {
  const additions: [string, (contracts: Contracts) => void][] = [
    [
      "an operation",
      ({ apis }) =>
        Object.assign(apis.order?.paths ?? {}, {
          "/api/v1/returns": structuredClone(apis.order?.paths["/api/v1/orders"]),
        }),
    ],
    ["a field of an answer", (to) => (schema(to, "Order").properties.note = { type: "string" })],
    ["a value in an answer", (to) => schema(to, "Order").properties.status.enum.push("returned")],
    ["an input that may be left out", (to) => (body(to).properties.coupon = { type: "string" })],
    ["a wider bound of an input", (to) => (body(to).properties.lines.maxItems = 500)],
    ["an input that need not be given any more", (to) => body(to).required.pop()],
    ["an event", ({ events }) => (events.events["stock.counted"] = { version: 1, stream: "inventory", schema: {} })],
    [
      "a field of an event that may be left out",
      (to) => (event(to, "stock.low").schema.properties.shelf = { type: "string" }),
    ],
    [
      "a break of an API with another version",
      (to) => {
        delete schema(to, "Order").properties.total;
        Object.assign(to.apis.order?.info ?? {}, { version: "2.0.0" });
      },
    ],
    [
      "a break of an event with another version",
      (to) => {
        delete event(to, "stock.low").schema.properties.name;
        event(to, "stock.low").version = 2;
      },
    ],
  ];

  test.each(additions)("%s", (_, change) => {
    const later = changed(change);
    const check = run(later);
    expect([check.exitCode, check.text]).toEqual([1, expect.stringContaining("Out of date: contracts/")]);
    expect(run(later, false).exitCode).toBe(0);
    expect(run(later)).toEqual({ exitCode: 0, text: "" });
    for (const [name, text] of contractFiles(current)) writeFileSync(join(root, "contracts", name), text);
  });
});

test("a break that somebody wrote into the files by hand is found in the commit before", () => {
  const repository = temporaryFolder();
  const git = (...args: string[]) =>
    Bun.spawnSync(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: repository });
  cpSync(join(root, "contracts"), join(repository, "contracts"), { recursive: true });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "-m", "contracts");
  const later = changed(({ events }) => delete events.events["stock.low"]);
  for (const [name, text] of contractFiles(later)) writeFileSync(join(repository, "contracts", name), text);
  const lines: string[] = [];
  const options = { root: repository, isCheck: true, current: later, log: (line: string) => lines.push(line) };
  expect(runContracts(options)).toBe(0);
  expect(runContracts({ ...options, against: "HEAD" })).toBe(1);
  expect(lines.join("\n")).toContain("stock.low: removed");
});
