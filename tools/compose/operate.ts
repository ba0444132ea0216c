import type { Shop } from "./customer.ts";
import type { Engine } from "./engine.ts";
import type { Steps } from "./report.ts";

/** Every command that an operator has, by the image and compose.yaml alone, while the shop works. */
export async function operateIt({ engine, step }: Steps & { engine: Engine }, { customer, sku }: Shop): Promise<void> {
  const run = (...args: string[]) => engine.compose("run", "--rm", ...args);
  await customer.untilDelivered(await customer.place(sku));
  await step("the audit finds nothing, and reads as roles that may only read", async () => {
    const json = await run("-T", "audit", "--json", "-");
    const { isClean, invariants } = JSON.parse(json.slice(json.indexOf("{"))) as {
      isClean: boolean;
      invariants: object[];
    };
    if (!isClean || invariants.length === 0) throw new Error(`The audit says ${json}`);
    console.log(`      ${invariants.length} invariants hold`);
  });
  await step("readers are listed, and none is let skip what it can read", async () => {
    assertSays(await run("readers"), /order\s+\d+\s+\d+\s+notify/);
    const refused = await run("readers", "begin", "order", "notify", "--at", "head", "--reason", "check").catch(String);
    assertSays(refused, /goes on by itself/);
  });
  await step("histories are compared for realigning", async () => {
    assertSays(await run("realign", "--stream", "order"), /notify\s+continues/);
  });
  await step("a history is replayed into a database of its own", async () => {
    const createdb = ["createdb", "--username", "postgres", "--owner", "notify", "notify_replayed"];
    await engine.compose("exec", "-T", "postgres", ...createdb);
    const replay = ["--service", "notify", "--stream", "order", "--to", "notify_replayed"];
    assertSays(await run("replay", ...replay), /[1-9]\d* applied, 0 set aside/);
  });
  await step("an operator is made, and asks for dead letters", async () => {
    const email = `operator-${Bun.randomUUIDv7()}@example.com`;
    const made = await run("gateway", "gateway/make-operator.ts", email, "Ann");
    const password = passwordIn(made);
    const account = ["-e", `OPERATOR_EMAIL=${email}`, "-e", `OPERATOR_PASSWORD=${password}`];
    assertSays(await run(...account, "dead-letters"), /No dead letters/);
    assertSays(await run("dead-letters").catch(String), /Set OPERATOR_EMAIL/);
  });
}

function assertSays(said: string, wanted: RegExp): void {
  if (!wanted.test(said)) throw new Error(`${wanted} is not in what was said: ${said}`);
}

function passwordIn(said: string): string {
  const [, password] = said.match(/with the password (\S+)/) ?? [];
  if (!password) throw new Error(`No password was told: ${said}`);
  return password;
}
