import type { Instance } from "./instances.ts";

export type Unready = { name: string; problem: string };

export type Readiness = {
  timeoutMs: number;
  /** False when a service is left out: the gateway is then never ready, and being alive has to do. */
  isWhole: boolean;
  isPointless: () => boolean;
};

/** Asks every process for /readyz until all say yes. Returns what still says no after `timeoutMs`. */
export async function awaitReady(
  instances: Instance[],
  { timeoutMs, isWhole, isPointless }: Readiness,
): Promise<Unready[]> {
  const deadline = Date.now() + timeoutMs;
  const answers = await Promise.all(
    instances.map(async (instance) => {
      for (;;) {
        const problem = await readinessProblem(instance, isWhole);
        if (problem === undefined) return undefined;
        if (Date.now() > deadline || isPointless()) return { name: instance.name, problem };
        await Bun.sleep(25);
      }
    }),
  );
  return answers.filter((answer) => answer !== undefined);
}

async function readinessProblem({ service, url }: Instance, isWhole: boolean): Promise<string | undefined> {
  const path = service === "gateway" && !isWhole ? "healthz" : "readyz";
  try {
    const answer = await fetch(`${url}/${path}`, { signal: AbortSignal.timeout(2_000) });
    return answer.status === 200 ? undefined : `answers ${answer.status}: ${(await answer.text()).slice(0, 300)}`;
  } catch {
    return "does not answer";
  }
}
