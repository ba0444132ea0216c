import type { Instance } from "./instances.ts";

export type Unready = { name: string; problem: string };

/** Asks every process for /readyz until all say yes. Returns what still says no after `timeoutMs`. */
export async function awaitReady(
  instances: Instance[],
  timeoutMs: number,
  isPointless: () => boolean,
): Promise<Unready[]> {
  const deadline = Date.now() + timeoutMs;
  const answers = await Promise.all(
    instances.map(async (instance) => {
      for (;;) {
        const problem = await readinessProblem(instance.url);
        if (problem === undefined) return undefined;
        if (Date.now() > deadline || isPointless()) return { name: instance.name, problem };
        await Bun.sleep(25);
      }
    }),
  );
  return answers.filter((answer) => answer !== undefined);
}

async function readinessProblem(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return answer.status === 200 ? undefined : `answers ${answer.status}: ${(await answer.text()).slice(0, 300)}`;
  } catch {
    return "does not answer";
  }
}
