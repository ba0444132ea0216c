import { serviceNames } from "../embedded/service-names.ts";
import { placeMany, type Shop } from "./customer.ts";
import type { Engine } from "./engine.ts";
import type { Steps } from "./report.ts";

type Check = Steps & { engine: Engine; engineWith(environment: Record<string, string>): Promise<Engine> };

/** One service alone gets another version of the image, while orders come, and the one before again. */
export async function deployIt({ engine, engineWith, step }: Check, shop: Shop): Promise<void> {
  await engine.docker("tag", "orderflow:local", "orderflow:next");
  const next = await engineWith({ ORDERFLOW_VERSION: "next" });
  for (const [version, engineOfIt] of Object.entries({ next, local: engine })) {
    await step(`order alone is deployed as orderflow:${version}, while 20 orders come`, async () => {
      await engineOfIt.compose("run", "--rm", "migrate", "order");
      await Promise.all([placeMany(shop, 20), engineOfIt.compose("up", "-d", "--no-deps", "order")]);
      const images = await imagesOf(engine);
      const others = Object.entries(images).filter(([service]) => service !== "order");
      if (images.order !== `orderflow:${version}` || others.some(([, image]) => image !== "orderflow:local"))
        throw new Error(`They run ${JSON.stringify(images)}`);
    });
  }
}

async function imagesOf(engine: Engine): Promise<Record<string, string>> {
  const ids = (await engine.compose("ps", "-q")).split("\n").filter((id) => id !== "");
  const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}}';
  const lines = (await engine.docker("inspect", "--format", format, ...ids)).split("\n");
  const all: Record<string, string> = Object.fromEntries(lines.map((line) => line.split(" ")));
  return Object.fromEntries(serviceNames.map((service) => [service, all[service] ?? "nothing"]));
}
