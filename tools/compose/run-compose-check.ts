import { join } from "node:path";
import { freePort } from "../embedded/ports.ts";
import { stateFolder } from "../embedded/repository-root.ts";
import { serviceNames } from "../embedded/service-names.ts";
import { eventually } from "../testing/eventually.ts";
import { breakIt, scaleIt } from "./break.ts";
import { writeCheckFile } from "./check-file.ts";
import { assertGiven, assertPublished, assertShares } from "./containers.ts";
import { aCustomer, placeMany, type Shop, someSku } from "./customer.ts";
import { deployIt } from "./deploy.ts";
import { developIt } from "./develop.ts";
import { encryptIt, writeEncryption } from "./encrypted.ts";
import { type Engine, findEngine } from "./engine.ts";
import { operateIt } from "./operate.ts";
import { writeOverride } from "./override.ts";
import { createSteps, type Steps, showUse, untilReady } from "./report.ts";
import { rotateIt } from "./rotate.ts";

type Check = Steps & { engine: Engine; gateway: string; mailbox: string };

export const parts = ["use", "break", "scale", "variants"] as const;
type Options = { keep: boolean; only?: (typeof parts)[number] };

/** Brings the system up as compose.yaml says, uses it, breaks it, and takes it down with all its data. */
export async function runComposeCheck({ keep, only }: Options): Promise<number> {
  const [gatewayPort, mailPort] = [await freePort(), await freePort()];
  const gateway = `http://127.0.0.1:${gatewayPort}`;
  const { file, given } = writeCheckFile(join(stateFolder, "compose"));
  const override = writeOverride(join(stateFolder, "compose"));
  const environment = {
    COMPOSE_PROJECT_NAME: "orderflow-check",
    GATEWAY_PORT: String(gatewayPort),
    MAILPIT_PORT: String(mailPort),
    PUBLIC_URL: gateway,
    AUTH_RATE_LIMIT_MAX: "0",
  };
  const engineWith = (more: Record<string, string>) =>
    findEngine({ files: ["compose.yaml", file], environment: { ...environment, ...more } });
  const engine = await engineWith({});
  const overridden = await findEngine({ files: ["compose.yaml", file, override.file], environment });
  const tls = await findEngine({
    files: ["compose.yaml", file, ...writeEncryption(join(stateFolder, "compose"))],
    environment,
  });
  const check = { engine, gateway, mailbox: `http://127.0.0.1:${mailPort}`, ...createSteps() };
  try {
    await bringUp(check);
    await check.step("what was given as a file is what is used", () => assertGiven(engine, given));
    const shop = { customer: await aCustomer(gateway), sku: await someSku(gateway) };
    const isAsked = (part: Options["only"]) => only === undefined || only === part;
    if (isAsked("use")) {
      await useIt(check, shop);
      await operateIt(check, shop);
      await rotateIt({ ...check, engineWith }, shop);
      await backUpAndRestore(check, shop);
    }
    if (isAsked("break")) await breakIt(check, shop);
    if (isAsked("scale")) {
      await deployIt({ ...check, engineWith }, shop);
      await scaleIt(check, shop);
    }
    if (isAsked("variants")) {
      await developIt({ ...check, engine: overridden, override }, shop);
      await encryptIt({ ...check, engine: tls });
    }
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
  const profiles = ["observability", "operator", "backup"].flatMap((name) => ["--profile", name]);
  await step("every profile can be read", () => engine.compose(...profiles, "config", "-q"));
  await step("down -v of what an earlier check left", () => engine.compose("down", "-v", "--remove-orphans"));
  await step("build", () => engine.compose("build"));
  await step("up -d, from nothing", () => engine.compose("up", "-d"));
  await step("the gateway is ready", () => untilReady(gateway));
  const size = await engine.docker("image", "inspect", "--format", "{{.Size}}", "orderflow:local");
  console.log(`      image orderflow:local has ${Math.round(Number(size) / 1e6)} MB with its base`);
  await showUse(engine, "at rest");
}

async function useIt({ engine, mailbox, step }: Check, { customer, sku }: Shop): Promise<void> {
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
  await step("the shop is restored, goes on, and the audit finds nothing", async () => {
    await engine.compose("stop", ...serviceNames);
    await engine.compose("run", "--rm", "restore", "check", "--force");
    await engine.compose("up", "-d");
    await untilReady(gateway);
    await customer.untilDelivered(before);
    if (await customer.knows(after)) throw new Error("An order is there that came after the backup");
    await customer.untilDelivered(await customer.place(sku));
    await engine.compose("run", "--rm", "-T", "audit");
  });
}

async function mailSubjects(mailbox: string, email: string): Promise<string[]> {
  const answer = await fetch(`${mailbox}/messages?to=${encodeURIComponent(email)}`);
  return ((await answer.json()) as { subject: string }[]).map(({ subject }) => subject);
}
