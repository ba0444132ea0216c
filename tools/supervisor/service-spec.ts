import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import type { ServiceName } from "../embedded/service-names.ts";
import type { Instance } from "./instances.ts";
import type { ProcessSpec } from "./process-set.ts";
import { type Surroundings, serviceEnvironment } from "./service-environment.ts";

/** They work off what others have left to them. Under a burst of orders it is placing them that cannot wait. */
const background = new Set<ServiceName>(["notify", "worker"]);
/** It says no to what is too much: late, that is no use. */
const favoured = new Set<ServiceName>(["gateway"]);

export function serviceSpec(instance: Instance, surroundings: Surroundings): ProcessSpec {
  const { service, port, name, url } = instance;
  const command = [process.execPath, "main.ts"];
  const env = serviceEnvironment({ service, port, instance: name }, surroundings);
  return {
    name,
    launch: () => ({
      ...{ command, cwd: join(repositoryRoot, service), env },
      ...{ isBackground: background.has(service), isFavoured: favoured.has(service) },
    }),
    record: (run, pid) => {
      const others = run.services.filter((entry) => entry.instance !== name);
      run.services = [...others, { name: service, instance: name, pid, url }].sort((a, b) =>
        a.url.localeCompare(b.url),
      );
    },
  };
}
