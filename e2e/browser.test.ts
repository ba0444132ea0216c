import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, openBrowser, servePage } from "./support/browser/open-browser.ts";
import { type System, startSystem } from "./support/start-system.ts";

const browserTest = hasBrowser ? test : test.skip;
if (!hasBrowser) console.log("skipped, for there is no /usr/bin/chromium: the client in a browser");

let system: System;
let browser: Browser;
let trusted: { origin: string; stop(): Promise<void> };
let foreign: { origin: string; stop(): Promise<void> };

beforeAll(async () => {
  if (!hasBrowser) return;
  [trusted, foreign, browser] = await Promise.all([servePage(), servePage(), openBrowser()]);
  const env = [`TRUSTED_ORIGINS=${trusted.origin}`, "CARRIER_DISPATCH_DELAY_MS=1500"];
  system = await startSystem(...env.flatMap((setting) => ["--env", setting]));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await Promise.all([trusted?.stop(), foreign?.stop(), system?.stop()]);
}, 60_000);

type Mode = "token" | "cookies";

type Visit = { mode: Mode; page: Page; said: () => Promise<string> };

/** The page in a profile of its own, visiting the shop; `said` is what it shows. */
async function visit(origin: string, mode: Mode, timeoutMs = 60_000): Promise<Visit> {
  const { customer } = (await system.run()).demo;
  const page = await (await browser.newContext()).newPage();
  await page.goto(origin);
  const given = { ...customer, gateway: system.gateway, mode, timeoutMs };
  await page.waitForFunction("globalThis.visit !== undefined");
  await page.evaluate(`void globalThis.visit(${JSON.stringify(given)})`);
  return { mode, page, said: async () => (await page.textContent("pre")) ?? "" };
}

const life = ["pending", "confirmed", "shipped", "delivered"];

browserTest(
  "pages of a trusted origin order, with a token and with the cookie, and follow it through a gateway that is killed",
  async () => {
    const visits = await Promise.all([visit(trusted.origin, "token"), visit(trusted.origin, "cookies")]);
    for (const { said } of visits)
      await eventually(async () => expect(await said()).toContain("now confirmed"), { timeoutMs: 15_000 });
    await system.kill("gateway");
    for (const { mode, page, said } of visits) {
      await eventually(async () => expect(await said()).toMatch(/^(done|failed)/m), { timeoutMs: 30_000 });
      const states = [...(await said()).matchAll(/now (\w+)/g)].map(([, state]) => state ?? "");
      expect(states).toEqual(life.slice(life.indexOf(states[0] ?? "")));
      expect((await said()).match(/stream open/g)?.length).toBeGreaterThan(1);
      expect(await said()).toEndWith("done, then unauthenticated\n");
      const [hello] = (await said()).split("\n", 1);
      expect(hello).toBe(
        mode === "token" ? "hello customer, token, token held" : "hello customer, cookies, token hidden",
      );
      await page.context().close();
    }
  },
  60_000,
);

browserTest(
  "a page of another origin gets nothing, with or without the session of who looks at it",
  async () => {
    const { page, said } = await visit(foreign.origin, "cookies", 500);
    await eventually(async () => expect(await said()).toMatch(/^(done|failed)/m));
    expect(await said()).toStartWith("failed ");

    const { customer } = (await system.run()).demo;
    const signedIn = await page.context().request.post(`${system.gateway}/auth/sign-in/email`, { data: customer });
    expect(signedIn.status()).toBe(200);
    // Without asking first, as a form would: other ports of a host are the same site, so the browser sends the cookie.
    const answered = page.waitForResponse(/order\.place/);
    const sent = { method: "POST", mode: "no-cors", credentials: "include", body: "{}" };
    await page.evaluate(`void fetch("${system.gateway}/trpc/order.place", ${JSON.stringify(sent)})`);
    // Whoever brings no session is answered 401.
    expect((await answered).status()).toBe(403);
    await page.context().close();
  },
  30_000,
);
