import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { buildPackage, packPackage } from "../client/packaging/build-package.ts";
import { type System, startSystem } from "./support/start-system.ts";

const source = join(import.meta.dir, "support/packed-project/follow-order.ts");
const compilerOptions = {
  target: "ES2022",
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // The client's own declarations are checked too, and of others those that it is compiled with; not the compiler's own.
  skipLibCheck: false,
  skipDefaultLibCheck: true,
};

const folder = temporaryFolder();
const compiler = join(folder, "node_modules/.bin/tsc");
let system: System;

beforeAll(async () => {
  const tarball = await packPackage(await buildPackage(join(folder, "built")));
  await cp(source, join(folder, "follow-order.ts"));
  const manifest = { name: "somebody-elses", private: true, type: "module" };
  await Bun.write(join(folder, "package.json"), JSON.stringify(manifest));
  await Bun.write(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["follow-order.ts"] }));
  await run("npm", "install", "--no-audit", "--no-fund", tarball, "typescript@5.9.3", "@types/node@20.19.25");
  system = await startSystem("--env", "CARRIER_DISPATCH_DELAY_MS=1500");
}, 240_000);
afterAll(() => system?.stop(), 60_000);

/** Answers what it printed, once it ended well. */
async function run(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: folder, stdout: "pipe", stderr: "pipe" });
  const [printed, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed:\n${printed}\n${errors}`);
  return printed;
}

test("the packed client brings nothing else along", async () => {
  const { packages } = await Bun.file(join(folder, "package-lock.json")).json();
  const brought = Object.keys(packages).filter((name) => name.startsWith("node_modules/"));
  expect(brought.sort()).toEqual(
    ["@orderflow/client", "@types/node", "typescript", "undici-types"].map((name) => `node_modules/${name}`),
  );
});

test("its types hold without ours: with Node's, and with a browser's", async () => {
  await run(compiler, "-p", ".");
  const browser = { ...compilerOptions, lib: ["ES2022", "DOM"], types: [], noEmit: true };
  await Bun.write(
    join(folder, "page.ts"),
    'import { createClient } from "@orderflow/client";\nexport const shop = createClient({ url: location.origin, authentication: { cookies: true } });\n',
  );
  await Bun.write(
    join(folder, "tsconfig.browser.json"),
    JSON.stringify({ compilerOptions: browser, files: ["page.ts"] }),
  );
  await run(compiler, "-p", "tsconfig.browser.json");
}, 120_000);

test.each(["node", process.execPath])(
  "with %s it places an order and follows it through a gateway that is killed",
  async (runtime) => {
    const { demo } = await system.run();
    const { email, password } = demo.customer;
    const child = Bun.spawn([runtime, "follow-order.js", system.gateway, email, password], {
      cwd: folder,
      stdout: "pipe",
      stderr: "inherit",
    });
    let printed = "";
    let isKilled = false;
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      printed += decoder.decode(bytes, { stream: true });
      if (isKilled || !printed.includes("now confirmed")) continue;
      isKilled = true;
      await system.kill("gateway");
    }
    expect(await child.exited).toBe(0);
    const states = [...printed.matchAll(/now (\w+)/g)].map(([, state]) => state);
    const life = ["pending", "confirmed", "shipped", "delivered"];
    expect(states).toEqual(life.slice(life.indexOf(states[0] ?? "")));
    expect(printed).toContain("hello customer");
    expect(printed).toContain("refused invalid_input");
    expect(printed).toEndWith("done delivered\n");
  },
  120_000,
);
