import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import type { Instance } from "./instances.ts";
import type { ProcessSpec } from "./process-set.ts";
import { type Surroundings, serviceEnvironment } from "./service-environment.ts";

export function serviceSpec(instance: Instance, surroundings: Surroundings): ProcessSpec {
  const { service, port, name, url } = instance;
  const env = serviceEnvironment({ service, port, instance: name }, surroundings);
  return {
    name,
    launch: () => ({ command: [process.execPath, "main.ts"], cwd: join(repositoryRoot, service), env }),
    record: (run, pid) => {
      const others = run.services.filter((entry) => entry.instance !== name);
      run.services = [...others, { name: service, instance: name, pid, url }].sort((a, b) =>
        a.url.localeCompare(b.url),
      );
    },
  };
}
