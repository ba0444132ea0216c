import { expect, test } from "bun:test";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { lendTypescript } from "./lend-typescript.ts";

const tree = temporaryFolder();

/** One violation for each rule: the file that breaks it and the import that does. */
const violations = {
  "no-circular": { file: "order/handlers/circle.ts", imports: "./other-half.ts" },
  "domain-is-pure": { file: "order/domain/impure.ts", imports: "../repositories/orders.ts" },
  "handlers-without-sql": { file: "order/handlers/with-sql.ts", imports: "../repositories/schema.ts" },
  "rooms-know-no-composition": { file: "order/handlers/knows-config.ts", imports: "../config.ts" },
  "repositories-ask-nobody": { file: "order/repositories/asks.ts", imports: "../providers/inventory.ts" },
  "providers-ask-and-no-more": { file: "order/providers/remembers.ts", imports: "../repositories/orders.ts" },
  "services-meet-by-type": { file: "order/providers/by-value.ts", imports: "../../inventory/handlers/router.ts" },
  "services-meet-in-providers": { file: "order/handlers/meets.ts", imports: "../../inventory/handlers/router.ts" },
  "services-meet-at-the-router": { file: "order/providers/pries.ts", imports: "../../inventory/domain/stock.ts" },
  "common-knows-no-service": { file: "common/curious.ts", imports: "../order/domain/order.ts" },
  "tools-stay-outside": { file: "order/providers/tooled.ts", imports: "../../tools/help.ts" },
  "infra-stays-apart": { file: "infra/secrets/tooled.ts", imports: "../../tools/help.ts" },
  "operators-use-doors": { file: "infra/operator/pries.ts", imports: "../../order/domain/order.ts" },
  "client-runs-anywhere": { file: "client/with-server.ts", imports: "../common/money.ts" },
  "client-without-node": { file: "client/with-node.ts", imports: "node:fs" },
  resolvable: { file: "order/domain/lost.ts", imports: "./nowhere.ts" },
};

const innocents = {
  "order/handlers/other-half.ts": 'import "./circle.ts";\n',
  "order/repositories/orders.ts": "export const orders = [];\n",
  "order/repositories/schema.ts": "export const schema = {};\n",
  "order/providers/inventory.ts":
    'import type { Router } from "../../inventory/handlers/router.ts";\nexport type Inventory = Router;\n',
  "order/config.ts": "export const config = {};\n",
  "order/domain/order.ts": 'import { money } from "../../common/money.ts";\nexport const order = money;\n',
  "inventory/handlers/router.ts": "export type Router = object;\nexport const router = {};\n",
  "inventory/domain/stock.ts": "export const stock = 1;\n",
  "common/money.ts": "export const money = 1;\n",
  "tools/help.ts": "export const help = 1;\n",
};

function plant(): void {
  for (const [file, text] of Object.entries(innocents)) write(file, text);
  for (const { file, imports } of Object.values(violations)) write(file, `import ${JSON.stringify(imports)};\n`);
  for (const name of [".dependency-cruiser.cjs", "tsconfig.json"]) cpSync(join(repositoryRoot, name), join(tree, name));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}

type Named = { rule: { name: string }; from: string };

test("each import rule names the violation planted for it, and no innocent file", async () => {
  plant();
  lendTypescript();
  const cruiser = join(repositoryRoot, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const command = [process.execPath, cruiser, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "."];
  const child = Bun.spawn(command, { cwd: tree, stdio: ["ignore", "pipe", "ignore"] });
  const result = (await new Response(child.stdout).json()) as { summary: { violations: Named[] } };
  const named = result.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  for (const [rule, { file }] of Object.entries(violations)) expect(named).toContain(`${rule}: ${file}`);
  const guilty = new Set(Object.values(violations).map(({ file }) => file));
  const accused = result.summary.violations.map(({ from }) => from).filter((file) => !guilty.has(file));
  expect(accused.filter((file) => file !== "order/handlers/other-half.ts")).toEqual([]);
}, 30_000);

test("every rule has a violation planted for it", async () => {
  const { default: config } = await import(join(repositoryRoot, ".dependency-cruiser.cjs"));
  const rules = config.forbidden.map((rule: { name: string }) => rule.name);
  expect(rules.sort()).toEqual(Object.keys(violations).sort());
});
