import { expect, test } from "bun:test";
import { planInstances, serviceUrls } from "./instances.ts";
import { parseUpOptions } from "./up-options.ts";

test("without options there is one process per service, from port 3000", () => {
  const instances = planInstances(parseUpOptions([]));
  expect(instances.map((instance) => [instance.name, instance.port])).toEqual([
    ["gateway-1", 3000],
    ["order-1", 3001],
    ["inventory-1", 3002],
    ["notify-1", 3003],
    ["worker-1", 3004],
  ]);
});

test("further instances take ports from the base + 20, and a service can be left out", () => {
  const options = parseUpOptions(["--port-base", "4000", "--instances", "order=2,worker=2", "--without", "notify"]);
  const instances = planInstances(options);
  expect(instances.map((instance) => [instance.name, instance.port])).toEqual([
    ["gateway-1", 4000],
    ["order-1", 4001],
    ["order-2", 4020],
    ["inventory-1", 4002],
    ["worker-1", 4004],
    ["worker-2", 4021],
  ]);
  expect(serviceUrls("order", instances, 4000)).toEqual(["http://127.0.0.1:4001", "http://127.0.0.1:4020"]);
  expect(serviceUrls("notify", instances, 4000)).toEqual(["http://127.0.0.1:4003"]);
});

test("settings for all services", () => {
  expect(parseUpOptions(["--env", "A=1", "--env", "B=x=y"]).extraEnv).toEqual({ A: "1", B: "x=y" });
});

test("parts behind proxies", () => {
  const { through } = parseUpOptions(["--through", "postgres=7001", "--through", "smtp=7002"]);
  expect(through).toEqual({ postgres: 7001, smtp: 7002 });
});

test.each([
  [["--port-base", "x"], "--port-base is a whole number"],
  [["--port-base", "70000"], "--port-base is a whole number"],
  [["--instances", "order=0"], "count from 1 to 8"],
  [["--instances", "orders=2"], 'There is no service "orders"'],
  [["--instances", "gateway=2"], "cannot multiply gateway"],
  [["--without", "mail"], "There is no service"],
  [["--broker", "rabbit"], "--broker is mosquitto or aedes"],
  [["--through", "broker"], "--through takes"],
  [["--through", "mail=1"], "--through takes"],
  [["--env", "A"], "--env takes KEY=VALUE"],
  [["--frsh"], "frsh"],
  [["extra"], "extra"],
])("%p is refused", (args, message) => {
  expect(() => parseUpOptions(args)).toThrow(message);
});
