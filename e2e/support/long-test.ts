import { test } from "bun:test";

/** For a journey of a minute or more: run only when LONG_TESTS is set, so that the suite stays within five minutes. */
export const longTest = process.env.LONG_TESTS ? test : test.skip;
