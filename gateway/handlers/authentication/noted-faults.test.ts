import { expect, test } from "bun:test";
import { notingFaults } from "./noted-faults.ts";

test("the adapter stays the object that the library's check of tables goes by", () => {
  const adapter = { id: "drizzle", findOne: async () => null };
  const store = (() => adapter) as unknown as Parameters<typeof notingFaults>[0];
  expect(notingFaults(store)({}) as unknown).toBe(adapter);
});
