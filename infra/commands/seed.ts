import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const seeds = { inventory: "the demo products", gateway: "the demo accounts" };

for (const [service, what] of Object.entries(seeds)) {
  const child = Bun.spawn([process.execPath, join(service, "seed.ts")], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await child.exited) !== 0) throw new Error(`${service} could not store ${what}`);
}

// Made at random for this installation alone, and of no use without it, so they may be shown.
for (const account of ["customer", "operator"]) {
  const file = process.env[`DEMO_${account.toUpperCase()}_PASSWORD_FILE`];
  if (file) console.log(`${account}@example.com  ${readFileSync(file, "utf8")}`);
}
