import { beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { readServiceDatabaseUrl } from "@orderflow/infra/operator/database-urls";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { writeEnvironmentFile } from "./environment-file.ts";
import { withRunningUp } from "./with-running-up.ts";

let state: string;

beforeEach(async () => {
  state = temporaryFolder();
  writeEnvironmentFile(join(state, "env/order.env"), { ORDER_DATABASE_URL: "postgres://up/order" });
  const operator = { email: "operator@example.com", password: "of up" };
  const services = [{ name: "gateway", url: "http://127.0.0.1:3000" }];
  await Bun.write(join(state, "run.json"), JSON.stringify({ services, demo: { operator } }));
});

test("what nothing else is said of is that of the running `up`", () => {
  expect(withRunningUp({ USER: "ann" }, state)).toMatchObject({
    USER: "ann",
    ORDER_DATABASE_URL: "postgres://up/order",
    GATEWAY_URL: "http://127.0.0.1:3000",
    OPERATOR_EMAIL: "operator@example.com",
    OPERATOR_PASSWORD: "of up",
  });
});

test.each([
  [{ ORDER_DATABASE_URL: "postgres://named/order" }, "postgres://named/order"],
  [{ ORDER_DATABASE_URL: "" }, "postgres://up/order"],
  [{ DATABASE_URL: "postgres://named/postgres" }, "postgres://named/orderflow_order"],
])("%p leads to %s", (env, url) => {
  expect(readServiceDatabaseUrl("order", withRunningUp(env, state))).toBe(url);
});

test("what a file is named for is not of `up` as well", async () => {
  const file = join(state, "given");
  await Bun.write(file, "postgres://filed/order\n");
  const env = withRunningUp({ ORDER_DATABASE_URL_FILE: file, OPERATOR_PASSWORD_FILE: file }, state);
  expect(readServiceDatabaseUrl("order", env)).toBe("postgres://filed/order");
  expect(env.OPERATOR_PASSWORD).toBeUndefined();
});

test("without a running `up` the variable to set is named, and a file that is not there", () => {
  const nothing = withRunningUp({}, join(state, "elsewhere"));
  expect(() => readServiceDatabaseUrl("order", nothing)).toThrow("set ORDER_DATABASE_URL or DATABASE_URL");
  expect(() => readServiceDatabaseUrl("order", { ORDER_DATABASE_URL_FILE: join(state, "none") })).toThrow(
    "ORDER_DATABASE_URL_FILE: expected the path of a file that can be read",
  );
});
