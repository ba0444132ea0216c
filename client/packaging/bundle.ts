import { join } from "node:path";

/** The client and what it uses of others, as one module for browsers, Node and Bun. */
export async function bundle({ isMinified }: { isMinified: boolean }): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "../main.ts")],
    target: "browser",
    format: "esm",
    minify: isMinified,
  });
  const [output] = outputs;
  if (output === undefined || outputs.length > 1) throw new Error(`one file was to be made, not ${outputs.length}`);
  return await output.text();
}
