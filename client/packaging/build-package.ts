import { cp, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import own from "../package.json" with { type: "json" };
import { bundle } from "./bundle.ts";
import { writeDeclarations } from "./write-declarations.ts";

const folder = join(import.meta.dir, "..");
const bundled = ["@trpc/client", "@trpc/server", "eventsource-parser"];

/** What is published: it depends on nothing, since the few kilobytes it uses of others are in it. */
const manifest = {
  name: own.name,
  version: own.version,
  description: "Typed client of orderflow for browsers, Node and Bun",
  license: own.license,
  type: "module",
  sideEffects: false,
  engines: { node: ">=20" },
  main: "./main.js",
  types: "./main.d.ts",
  exports: { ".": { types: "./main.d.ts", default: "./main.js" } },
};

/** Writes the package, ready to be packed, to this folder. */
export async function buildPackage(into = join(folder, "dist")): Promise<string> {
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  await Bun.write(join(into, "main.js"), await bundle({ isMinified: false }));
  for (const [name, text] of writeDeclarations()) await Bun.write(join(into, name), text);
  await Bun.write(join(into, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(folder, "README.md"), join(into, "README.md"));
  await cp(join(folder, "../LICENSE"), join(into, "LICENSE"));
  await Bun.write(join(into, "THIRD-PARTY-LICENSES.md"), await licenses());
  return into;
}

/** Packs what was built. Answers the path of the tarball. */
export async function packPackage(built: string): Promise<string> {
  const packing = Bun.spawn([process.execPath, "pm", "pack", "--quiet"], {
    cwd: built,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [name, errors] = await Promise.all([packing.stdout.text(), packing.stderr.text()]);
  if ((await packing.exited) !== 0) throw new Error(`bun pm pack failed: ${errors}`);
  return join(built, name.trim());
}

async function licenses(): Promise<string> {
  const texts = await Promise.all(
    bundled.map(async (name) => {
      const home = dirname(Bun.resolveSync(`${name}/package.json`, folder));
      const { version, license } = await Bun.file(join(home, "package.json")).json();
      return `## ${name} ${version} (${license})\n\n${(await Bun.file(join(home, "LICENSE")).text()).trim()}\n`;
    }),
  );
  return `# Parts of these are in main.js\n\n${texts.join("\n")}`;
}

if (import.meta.main) {
  const built = await buildPackage();
  console.log(process.argv.includes("--pack") ? await packPackage(built) : built);
}
