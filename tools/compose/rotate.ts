import type { Shop } from "./customer.ts";
import type { Engine } from "./engine.ts";
import { type Steps, untilReady } from "./report.ts";

type Check = Steps & {
  engine: Engine;
  gateway: string;
  /** The same with these in the environment of Compose. */
  engineWith(environment: Record<string, string>): Promise<Engine>;
};

/** Passwords of a database role and of a broker's user are changed as docs/operations.md says, while the shop works. */
export async function rotateIt({ engine, gateway, engineWith, step }: Check, { customer, sku }: Shop): Promise<void> {
  const [ORDER_DATABASE_PASSWORD, ORDER_MQTT_PASSWORD] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  await step("order's passwords are changed: an order from before and one from after are delivered", async () => {
    const before = await customer.place(sku);
    const changed = await engineWith({ ORDER_DATABASE_PASSWORD, ORDER_MQTT_PASSWORD });
    await changed.compose("up", "-d");
    await changed.compose("restart", "mosquitto", "order");
    await untilReady(gateway);
    const after = await customer.place(sku);
    await Promise.all([customer.untilDelivered(before), customer.untilDelivered(after)]);
  });
  for (const [file, password] of Object.entries({
    "database-url": ORDER_DATABASE_PASSWORD,
    "mqtt-url": ORDER_MQTT_PASSWORD,
  })) {
    const cat = ["run", "--rm", "-T", "--no-deps", "--entrypoint", "cat", "order", `/run/secrets/own/${file}`];
    const url = await engine.compose(...cat);
    if (new URL(url).password !== password) throw new Error(`order does not use the new password of ${file}`);
  }
}
