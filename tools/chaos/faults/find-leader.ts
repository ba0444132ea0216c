import type { RunFile } from "../../supervisor/run-file.ts";

type Service = RunFile["services"][number];

/** The instance of a service that leads one of its streams now, by its own metrics; any that runs when none says so. */
export async function findLeader(run: RunFile, name: string): Promise<Service | undefined> {
  const instances = run.services.filter((service) => service.name === name);
  const leading = await Promise.all(instances.map(leads));
  return instances.find((_, index) => leading[index]) ?? instances[0];
}

async function leads({ url }: Service): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(1_000) });
    return /^consumer_leading\{[^}]*\} 1$/m.test(await answer.text());
  } catch {
    return false;
  }
}
