import { afterAll, beforeAll, expect, test } from "bun:test";
import { initTRPC } from "@trpc/server";
import { Elysia } from "elysia";
import { z } from "zod";
import { createDocument } from "../openapi/create-document.ts";
import type { ProcedureMeta } from "../openapi/procedure-meta.ts";
import { type OpenDoor, openApp } from "./open-app.ts";
import { documentRoutes } from "./serve-documents.ts";

const t = initTRPC.meta<ProcedureMeta>().create();
const router = t.router({
  greet: t.procedure
    .meta({ openapi: { method: "GET", path: "/greetings/{name}", summary: "Greet" } })
    .input(z.object({ name: z.string() }))
    .output(z.object({ text: z.string() }))
    .query(({ input }) => ({ text: `hello ${input.name}` })),
});

let door: OpenDoor;
beforeAll(async () => {
  const document = createDocument({ service: "sample", description: "A <sample>", version: "1.0.0", router });
  const app = new Elysia();
  documentRoutes(document)(app);
  door = await openApp(app, { host: "127.0.0.1", port: 0 });
});
afterAll(() => door.close());

test("the document is served as it was made", async () => {
  const document = (await (await fetch(`${door.url}/openapi.json`)).json()) as { paths: object };
  expect(Object.keys(document.paths)).toEqual(["/api/v1/greetings/{name}"]);
});

test("the page, and every file it names, is ours", async () => {
  const response = await fetch(`${door.url}/docs`);
  const html = await response.text();
  expect(html).toContain("orderflow: sample");
  const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)]
    .map(([, url = ""]) => url)
    .filter((url) => url !== "data:,");
  expect(named).toHaveLength(3);
  for (const url of named) {
    expect(url).toStartWith("/docs/");
    const file = await fetch(door.url + url);
    expect([url, file.status]).toEqual([url, 200]);
    expect((await file.text()).length).toBeGreaterThan(100);
  }
});

test("nothing in the page may come from, or go, elsewhere", async () => {
  const { headers } = await fetch(`${door.url}/docs`);
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toStartWith("default-src 'none'; script-src 'self'; ");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
  expect(await (await fetch(`${door.url}/docs/start.js`)).text()).toContain('"validatorUrl":null');
});

test.each(["gzip", "identity"])("the bundle is sent as %s to who accepts that", async (encoding) => {
  const response = await fetch(`${door.url}/docs/swagger-ui-bundle.js`, { headers: { "accept-encoding": encoding } });
  expect(response.headers.get("content-encoding")).toBe(encoding === "gzip" ? "gzip" : null);
  expect(await response.text()).toContain("SwaggerUIBundle");
});

test.each(["/docs/../package.json", "/docs/%2e%2e/package.json", "/docs/swagger-ui.js"])(
  "%s is no file of ours",
  async (path) => {
    expect((await fetch(door.url + path)).status).toBe(404);
  },
);
