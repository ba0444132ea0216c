import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { repositoryRoot } from "@orderflow/tools/embedded/repository-root";
import { auditedServices } from "../audit/parts-sql.ts";
import { aShop, type Shop } from "../audit/testing/a-shop.ts";
import { runReaders } from "./run-readers.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
  await shop.put("delivered");
  await shop.sqls.order`delete from event where stream = 'order' and position < 3`;
});
afterAll(() => shop.close());

/** As an operator calls it, on the databases of this test. */
async function readers(...args: string[]) {
  const urls = auditedServices.map((service) => [`${service.toUpperCase()}_DATABASE_URL`, shop.urls[service]]);
  const child = Bun.spawn([process.execPath, "tools/commands/readers.ts", ...args], {
    cwd: repositoryRoot,
    env: { PATH: process.env.PATH, USER: "ann", ...Object.fromEntries(urls) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [code, output, errors] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { code, said: (output + errors).trim() };
}

describe("bun run readers begin", () => {
  test("says what each choice would skip, and changes nothing", async () => {
    expect(await readers("begin", "order", "notify")).toEqual({
      code: 0,
      said: [
        "notify has applied nothing of order. order is kept from 3 to 4.",
        "  --at floor  would never apply 1 to 3, and all after that",
        "  --at head   would never apply 1 to 4, only what is told from now on",
      ].join("\n"),
    });
    expect(await shop.sqls.notify`select * from cursor`).toHaveLength(0);
  }, 30_000);

  test("begins where it is told, once, and says who decided it and why", async () => {
    const decision = ["begin", "order", "notify", "--at", "floor", "--reason", "mails of old orders are not wanted"];
    expect(await readers(...decision)).toEqual({
      code: 0,
      said: "notify goes on with 4 of order. It never applies 1 to 3.",
    });
    expect(await readers(...decision)).toEqual({
      code: 2,
      said: "nothing after 3 is pruned: notify goes on by itself",
    });
    const { said } = await readers();
    expect(said).toMatch(/notify skipped 1 to 3 of order: mails of old orders are not wanted \(begin as ann, 20.+Z\)/);
    const json = JSON.parse((await readers("--json")).said);
    const order = json.find(({ stream }: { stream: string }) => stream === "order");
    expect(order.skipped).toMatchObject([{ reader: "notify", after: 0, to: 3, by: "begin as ann" }]);
  }, 30_000);

  test.each([
    [["begin"], "--stream is one of order"],
    [["begin", "order"], "expected begin <stream> <reader>"],
    [["begin", "order", "gateway"], "gateway does not listen to order"],
    [["begin", "order", "notify", "--at", "5", "--reason", "why"], "--at is floor or head"],
    [["begin", "order", "notify", "--reason", "why"], "--at is floor or head"],
    [["begin", "order", "notify", "--at", "head"], "--reason says why"],
    [["begin", "order", "notify", "worker"], "expected begin <stream> <reader>"],
    [["began", "order", "notify"], "expected forget <stream> <reader> or begin"],
  ])("%p is refused: %s", async (args, message) => {
    await expect(runReaders(args, {})).rejects.toThrow(message);
  });
});
