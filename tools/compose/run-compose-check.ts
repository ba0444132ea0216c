import { join } from "node:path";
import { freePort } from "../embedded/ports.ts";
import { stateFolder } from "../embedded/repository-root.ts";
import { serviceNames } from "../embedded/service-names.ts";
import { eventually } from "../testing/eventually.ts";
import { crash } from "./crash.ts";
import { aCustomer, type Customer, someSku } from "./customer.ts";
import { type Engine, findEngine } from "./engine.ts";
import { writeMailCatcher } from "./mail-catcher.ts";
import { createSteps, type Steps, showUse } from "./report.ts";

type Check = Steps & { engine: Engine; gateway: string; mailbox: string };
type Shop = { customer: Customer; sku: string };

/** Brings the system up as compose.yaml says, uses it, breaks it, and takes it down with all its data. */
export async function runComposeCheck({ keep }: { keep: boolean }): Promise<number> {
  const [gatewayPort, mailPort] = [await freePort(), await freePort()];
  const gateway = `http://127.0.0.1:${gatewayPort}`;
  const engine = await findEngine({
    files: ["compose.yaml", writeMailCatcher(join(stateFolder, "compose"))],
    environment: {
      COMPOSE_PROJECT_NAME: "orderflow-check",
      GATEWAY_PORT: String(gatewayPort),
      MAILPIT_PORT: String(mailPort),
      PUBLIC_URL: gateway,
      AUTH_RATE_LIMIT_MAX: "0",
    },
  });
  const check = { engine, gateway, mailbox: `http://127.0.0.1:${mailPort}`, ...createSteps() };
  try {
    await bringUp(check);
    const shop = await useIt(check);
    await backUpAndRestore(check, shop);
    await breakIt(check, shop);
    await scaleIt(check, shop);
    return 0;
  } catch (error) {
    console.error(error);
    console.error(await engine.compose("logs", "--no-color", "--tail", "15").catch(String));
    return 1;
  } finally {
    if (!keep) await check.step("down -v", () => engine.compose("down", "-v", "--remove-orphans"));
  }
}

async function bringUp({ engine, gateway, step }: Check): Promise<void> {
  await step("down -v of what an earlier check left", () => engine.compose("down", "-v", "--remove-orphans"));
  await step("build", () => engine.compose("build"));
  await step("up -d, from nothing", () => engine.compose("up", "-d"));
  await step("the gateway is ready", () => untilReady(gateway));
  const size = await engine.docker("image", "inspect", "--format", "{{.Size}}", "orderflow:local");
  console.log(`      image orderflow:local has ${Math.round(Number(size) / 1e6)} MB with its base`);
  await showUse(engine, "at rest");
}

async function useIt({ engine, gateway, mailbox, step }: Check): Promise<Shop> {
  const customer = await step("a customer signs up", () => aCustomer(gateway));
  const sku = await someSku(gateway);
  await step("an order is delivered", async () => customer.untilDelivered(await customer.place(sku)));
  await step("the customer has mail about it", () =>
    eventually(async () => mailSubjects(mailbox, customer.email).then((subjects) => subjects.length >= 4), {
      timeoutMs: 30_000,
    }),
  );
  await step("migrating four times at once changes nothing", () =>
    Promise.all(Array.from({ length: 4 }, () => engine.compose("run", "--rm", "migrate"))),
  );
  await step("only the gateway is published", () => assertPublished(engine));
  await step("each has its share of the processors", () => assertShares(engine));
  await step("200 orders, 20 at a time, are delivered", () =>
    Promise.all([placeMany({ customer, sku }, 200), showUse(engine, "under load")]),
  );
  return { customer, sku };
}

/** What was accepted before a backup is there after the restore, and what came later is not. */
async function backUpAndRestore({ engine, gateway, step }: Check, { customer, sku }: Shop): Promise<void> {
  const before = await customer.place(sku);
  await step("a backup while orders come, by what compose.yaml has alone", () =>
    Promise.all([engine.compose("run", "--rm", "backup", "check"), placeMany({ customer, sku }, 40)]),
  );
  const after = await customer.place(sku);
  await step("a restore is refused while the shop works", async () => {
    const refused = await engine.compose("run", "--rm", "restore", "check", "--force").catch((error: Error) => error);
    if (!String(refused).includes("Stop the services first")) throw new Error(`Not refused: ${refused}`);
  });
  await step("the shop is restored, and goes on", async () => {
    await engine.compose("stop", ...serviceNames);
    await engine.compose("run", "--rm", "restore", "check", "--force");
    await engine.compose("up", "-d");
    await untilReady(gateway);
    await customer.untilDelivered(before);
    if (await customer.knows(after)) throw new Error("An order is there that came after the backup");
    await customer.untilDelivered(await customer.place(sku));
  });
}

/** Everything that runs, in turn: the engine starts it again, and the shop goes on. */
async function breakIt({ engine, gateway, step }: Check, { customer, sku }: Shop): Promise<void> {
  for (const service of ["postgres", "mosquitto", ...serviceNames]) {
    await step(`kill -9 of ${service}: started again, an order is delivered`, async () => {
      const before = await customer.place(sku);
      await crash(engine, service);
      const after = await customer.place(sku);
      await Promise.all([customer.untilDelivered(before), customer.untilDelivered(after)]);
    });
  }
  await step("compose kill of everything, up again: the order placed before is delivered", async () => {
    const before = await customer.place(sku);
    await engine.compose("kill");
    await engine.compose("up", "-d");
    await untilReady(gateway);
    await customer.untilDelivered(before);
  });
}

async function scaleIt({ engine, gateway, step }: Check, shop: Shop): Promise<void> {
  await step("up --scale order=2 --scale worker=3", () =>
    engine.compose("up", "-d", "--scale", "order=2", "--scale", "worker=3"),
  );
  await untilReady(gateway);
  await step("40 orders are delivered, an instance of order killed on the way", async () => {
    const placing = placeMany(shop, 40);
    await Promise.all([placing, crash(engine, "order")]);
  });
}

async function placeMany({ customer, sku }: Shop, count: number): Promise<void> {
  const orders: string[] = [];
  const place = async () => {
    while (orders.length < count) orders.push(await customer.place(sku));
  };
  await Promise.all(Array.from({ length: 20 }, place));
  for (const order of orders) await customer.untilDelivered(order);
}

async function untilReady(gateway: string): Promise<void> {
  await eventually(async () => (await fetch(`${gateway}/readyz`, { signal: AbortSignal.timeout(3_000) })).ok, {
    timeoutMs: 120_000,
    intervalMs: 200,
  });
}

async function assertShares(engine: Engine): Promise<void> {
  const ids = (await engine.compose("ps", "-q")).split("\n").filter((id) => id !== "");
  const format = '{{index .Config.Labels "com.docker.compose.service"}}={{.HostConfig.CpuShares}}';
  const shares = (await engine.docker("inspect", "--format", format, ...ids)).split("\n").sort();
  const wanted: Record<string, string> = { gateway: "3072", notify: "256", worker: "256", mailpit: "256" };
  const wrong = shares.filter((line) => {
    const [service = "", share] = line.split("=");
    return share !== (wanted[service] ?? "1024");
  });
  if (wrong.length > 0) throw new Error(`Of the processors they get: ${wrong.join(", ")}`);
}

async function mailSubjects(mailbox: string, email: string): Promise<string[]> {
  const answer = await fetch(`${mailbox}/messages?to=${encodeURIComponent(email)}`);
  return ((await answer.json()) as { subject: string }[]).map(({ subject }) => subject);
}

async function assertPublished(engine: Engine): Promise<void> {
  const ids = (await engine.compose("ps", "-q")).split("\n").filter((id) => id !== "");
  const format = "{{.Name}} {{range $port, $to := .NetworkSettings.Ports}}{{range $to}}{{.HostIp}} {{end}}{{end}}";
  const lines = (await engine.docker("inspect", "--format", format, ...ids)).split("\n");
  const published = lines.map((line) => line.trim().split(" ")).filter(([, ...addresses]) => addresses.length > 0);
  const wrong = published.filter(
    ([name = "", ...addresses]) =>
      !/gateway|mailpit/.test(name) || addresses.some((address) => address !== "127.0.0.1"),
  );
  if (wrong.length > 0 || published.length !== 2) throw new Error(`Published: ${JSON.stringify(published)}`);
}
