import { describe, expect, test } from "bun:test";
import { isStorable, maySpellUnstorable } from "./storable.ts";

describe("what PostgreSQL cannot store", () => {
  test.each([
    String.raw`"a\u0000b"`,
    String.raw`{"a":[{"b":"\u0000"}]}`,
    String.raw`{"\u0000":1}`,
    String.raw`["\ud800"]`,
    String.raw`["\uDFFF x"]`,
    String.raw`["\ude00\ud83d"]`,
  ])("%s is noticed", (json) => {
    expect(maySpellUnstorable(json)).toBe(true);
    expect(isStorable(JSON.parse(json))).toBe(false);
  });

  test.each([String.raw`"\ud83d\ude00"`, String.raw`"\\u0000"`, '{"a":[1,null,true,"x",{"y":"z"}]}', '"ä漢😀"'])(
    "%s is not",
    (json) => {
      expect(isStorable(JSON.parse(json))).toBe(true);
    },
  );

  test("deep nesting does not overflow the stack", () => {
    const depth = 200_000;
    expect(isStorable(JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`))).toBe(true);
  });
});
