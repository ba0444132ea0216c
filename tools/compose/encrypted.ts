import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { aCustomer, placeMany, someSku } from "./customer.ts";
import type { Engine } from "./engine.ts";
import { type Steps, untilReady } from "./report.ts";

/** The overrides that docs/deployment.md shows for TLS, with certificates made as it says. Returns the paths. */
export function writeEncryption(folder: string): string[] {
  const section =
    readFileSync(join(repositoryRoot, "docs/deployment.md"), "utf8").split("### TLS to the broker")[1] ?? "";
  const blocks = (language: string) =>
    [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map(([, text = ""]) => text);
  rmSync(join(folder, "certs"), { recursive: true, force: true });
  mkdirSync(join(folder, "certs"));
  for (const commands of blocks("sh").filter((text) => text.startsWith("openssl"))) {
    const { success, stderr } = Bun.spawnSync(["bash", "-ec", commands], { cwd: folder });
    if (!success) throw new Error(`The certificates could not be made: ${stderr}`);
  }
  const overrides = blocks("yaml").filter((text) => text.startsWith("# compose.override.yaml"));
  if (overrides.length !== 2) throw new Error(`docs/deployment.md shows ${overrides.length} overrides for TLS`);
  return overrides.map((text, index) => {
    const file = join(folder, `encrypted-${index}.yaml`);
    writeFileSync(file, text.replaceAll("./certs/", `${join(folder, "certs")}/`));
    return file;
  });
}

/** From nothing, with TLS to the broker and to PostgreSQL. */
export async function encryptIt({ engine, gateway, step }: Steps & { engine: Engine; gateway: string }): Promise<void> {
  await step("from nothing again, with TLS to broker and PostgreSQL: 20 orders are delivered", async () => {
    await engine.compose("down", "-v", "--remove-orphans");
    await engine.compose("up", "-d");
    await untilReady(gateway);
    await placeMany({ customer: await aCustomer(gateway), sku: await someSku(gateway) }, 20);
  });
  await step("nobody speaks in the clear to PostgreSQL, and the broker has no such door", async () => {
    const query = `select count(*) filter (where not ssl), count(*) from pg_stat_ssl join pg_stat_activity using (pid)
      where client_addr is not null`;
    const counts = await engine.compose("exec", "-T", "postgres", "psql", "-U", "postgres", "-AtF", "/", "-c", query);
    if (!/^0\/[1-9]/.test(counts)) throw new Error(`Connections in the clear, and all: ${counts}`);
    const knock = [
      "exec",
      "-T",
      "mosquitto",
      "mosquitto_sub",
      "-h",
      "127.0.0.1",
      "-p",
      "1883",
      "-t",
      "x",
      "-E",
      "-W",
      "2",
    ];
    const answer = await engine.compose(...knock).catch(String);
    if (!/refused/i.test(answer)) throw new Error(`Port 1883 says ${answer}`);
  });
  await step("the audit finds nothing, over TLS", () => engine.compose("run", "--rm", "-T", "audit"));
}
