import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Whether there is a browser to test with: Debian's package `chromium`. */
export const hasBrowser = existsSync(executablePath);

/** With a profile of its own, and nothing that asks the world. */
export function openBrowser(): Promise<Browser> {
  const args = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return chromium.launch({ executablePath, args });
}

/** An origin of its own with one page: `page.ts` and the client, and nothing else of ours. */
export async function servePage(): Promise<{ origin: string; stop(): Promise<void> }> {
  const entrypoint = join(import.meta.dir, "page.ts");
  const { outputs } = await Bun.build({ entrypoints: [entrypoint], target: "browser", format: "esm" });
  const script = await outputs[0]?.text();
  const body = "<pre id=said></pre><script type=module src=/page.js></script>";
  const html = `<!doctype html><meta charset=utf-8><title>A shop</title><body>${body}`;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    routes: {
      "/": new Response(html, { headers: { "content-type": "text/html" } }),
      "/page.js": new Response(script, { headers: { "content-type": "text/javascript" } }),
    },
    fetch: () => new Response(null, { status: 404 }),
  });
  return { origin: server.url.origin, stop: () => server.stop(true) };
}
