import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { repositoryRoot } from "@orderflow/tools/embedded/repository-root";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { readDatabaseUrls } from "../operator/database-urls.ts";
import { parseAuditOptions } from "./audit-options.ts";
import { auditedServices } from "./parts-sql.ts";
import { aShop, type Shop } from "./testing/a-shop.ts";

let shop: Shop;
const folder = temporaryFolder();
beforeAll(async () => {
  shop = await aShop();
});
afterAll(() => shop.close());

/** As a user calls it, on the databases of this test. */
async function audit(...args: string[]) {
  const urls = auditedServices.map((service) => [`${service.toUpperCase()}_DATABASE_URL`, shop.urls[service]]);
  const child = Bun.spawn([process.execPath, "tools/commands/audit.ts", ...args], {
    cwd: repositoryRoot,
    env: { PATH: process.env.PATH, ...Object.fromEntries(urls) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [exitCode, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode, output, errors };
}

describe("bun run audit", () => {
  test("on a system that is well exits with 0, and writes what it found", async () => {
    const [json, metrics] = [join(folder, "audit.json"), join(folder, "audit.prom")];
    const { exitCode, output } = await audit("--settled", "--json", json, "--metrics", metrics);
    expect(output).toContain("All invariants hold");
    expect(exitCode).toBe(0);
    const report = await Bun.file(json).json();
    expect(report).toMatchObject({ isClean: true, takenAt: expect.any(String) });
    for (const service of auditedServices) {
      expect(report.invariants).toContainEqual(expect.objectContaining({ databases: [service], name: "dead-letters" }));
    }
    const text = await Bun.file(metrics).text();
    expect(text).toContain(
      'orderflow_audit_violations{invariant="stock-conserved",databases="inventory",kind="law"} 0\n',
    );
    expect(text).toContain(
      'orderflow_audit_checked{invariant="cursors-on-log",databases="order,inventory,worker,notify"',
    );
    expect(text).toMatch(/^orderflow_audit_timestamp_seconds \d+(\.\d+)?$/m);
    for (const line of text.trim().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.+\})? [\d.]+)$/);
  }, 30_000);

  test("exits with 1 and names what is wrong: code, id and words", async () => {
    await shop.sqls.order`
      insert into idempotency_key (caller_id, key, request_hash, order_id)
      select 'ada', gen_random_uuid(), 'h', gen_random_uuid() from generate_series(1, 5)`;
    const { exitCode, output } = await audit("--examples", "2");
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /order: idempotency-keys\n.+\n {2}\S+ {2}of ada names 1 orders, of which 1 are not there.+\n.+\n {2}… and 3 more/,
    );
    expect(output).toMatch(/1 of \d+ invariants do not hold/);
    await shop.sqls.order`delete from idempotency_key`;
  }, 30_000);

  test("fails for a dead letter unless they are allowed", async () => {
    await shop.catchUp();
    await shop.sqls.notify`update cursor set dead_letters = 1 where stream = 'order'`;
    await shop.sqls.notify`
      insert into dead_letter (stream, position, key, event, is_parked, error, attempts)
      values ('order', 0, 'k', '{"type": "order.created"}', false, 'no', 3)`;
    const strict = await audit();
    expect(strict.output).toContain("notify: dead-letters (attention)");
    expect(strict.exitCode).toBe(1);
    const lenient = await audit("--allow-dead-letters");
    expect(lenient.output).toContain("notify: dead-letters (attention)");
    expect(lenient.exitCode).toBe(0);
  }, 30_000);

  test("says which option it does not understand", async () => {
    const { exitCode, errors } = await audit("--jsn", "x");
    expect(exitCode).toBe(2);
    expect(errors).toContain("--jsn");
  });
});

describe("its options", () => {
  test.each([
    [["--examples", "x"], "--examples is a whole number from 0 to 1000"],
    [["--timeout-s", "0"], "--timeout-s is a whole number from 1 to 86400"],
    [["--loud"], "--loud"],
  ])("%p are refused: %s", (args, message) => {
    expect(() => parseAuditOptions(args)).toThrow(message);
  });

  test("the databases are a service's own variable, else those of one server", () => {
    const env = { DATABASE_URL: "postgres://u:p@host:5432/postgres", ORDER_DATABASE_URL: "postgres://o@elsewhere/db" };
    expect(readDatabaseUrls(env)).toEqual({
      order: "postgres://o@elsewhere/db",
      inventory: "postgres://u:p@host:5432/orderflow_inventory",
      worker: "postgres://u:p@host:5432/orderflow_worker",
      notify: "postgres://u:p@host:5432/orderflow_notify",
    });
  });
});
