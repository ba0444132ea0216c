import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundle.ts";

const maxBytes = 40_000;
const maxGzipBytes = 14_000;

test("a page that uses the client loads little, and nothing of the server", async () => {
  const code = await bundle({ isMinified: true });
  expect(code.length).toBeLessThan(maxBytes);
  expect(gzipSync(code).length).toBeLessThan(maxGzipBytes);
  for (const word of ["zod", "elysia", "drizzle", "postgres", "pg_", "better-auth", "node:", "process.env", "Bun."])
    expect(code.includes(word) && word).toBe(false);
});
