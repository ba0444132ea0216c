import { serviceNames } from "../embedded/service-names.ts";
import { crash } from "./crash.ts";
import { placeMany, type Shop } from "./customer.ts";
import type { Engine } from "./engine.ts";
import { type Steps, untilReady } from "./report.ts";

type Check = Steps & { engine: Engine; gateway: string };

/** Everything that runs, in turn: the engine starts it again, and the shop goes on. */
export async function breakIt({ engine, step }: Check, { customer, sku }: Shop): Promise<void> {
  for (const service of ["postgres", "mosquitto", ...serviceNames]) {
    await step(`kill -9 of ${service}: started again, an order is delivered`, async () => {
      const before = await customer.place(sku);
      await crash(engine, service);
      const after = await customer.place(sku);
      await Promise.all([customer.untilDelivered(before), customer.untilDelivered(after)]);
    });
  }
  for (const service of ["postgres", "mosquitto", ...serviceNames]) {
    await step(`compose kill of ${service}, up again: an order is delivered`, async () => {
      const before = await customer.place(sku);
      await engine.compose("kill", service);
      await engine.compose("up", "-d");
      const after = await customer.place(sku);
      await Promise.all([customer.untilDelivered(before), customer.untilDelivered(after)]);
    });
  }
}

/** All at once, and two or three of those that can be. */
export async function scaleIt({ engine, gateway, step }: Check, shop: Shop): Promise<void> {
  const { customer, sku } = shop;
  await step("compose kill of everything, up again: the order placed before is delivered", async () => {
    const before = await customer.place(sku);
    await engine.compose("kill");
    await engine.compose("up", "-d");
    await untilReady(gateway);
    await customer.untilDelivered(before);
  });
  await step("up --scale order=2 --scale worker=3", () =>
    engine.compose("up", "-d", "--scale", "order=2", "--scale", "worker=3"),
  );
  await untilReady(gateway);
  await step("40 orders are delivered, an instance of order killed on the way", async () => {
    const placing = placeMany(shop, 40);
    await Promise.all([placing, crash(engine, "order")]);
  });
}
