import { eventually } from "../testing/eventually.ts";
import type { Engine } from "./engine.ts";

/** Which user the work is done as: only what is its own it may kill. */
const users: Record<string, string> = { postgres: "postgres", mosquitto: "mosquitto" };

/** kill -9 of all that runs in one container of the service. The engine must start it again by itself. */
export async function crash(engine: Engine, service: string): Promise<void> {
  const [container = ""] = (await engine.compose("ps", "-q", service)).split("\n");
  const before = await startedAt(engine, container);
  const user = users[service] ?? "bun";
  // The shell that kills dies with the container.
  await engine.docker("exec", "-u", user, container, "sh", "-c", "kill -9 -1").catch(() => undefined);
  await eventually(
    async () => {
      const after = await startedAt(engine, container);
      if (after === before) throw new Error(`${service} was not started again`);
    },
    { timeoutMs: 30_000, intervalMs: 200 },
  );
}

function startedAt(engine: Engine, container: string): Promise<string> {
  return engine
    .docker("inspect", "--format", "{{if .State.Running}}{{.State.StartedAt}}{{end}}", container)
    .then((at) => {
      if (!at) throw new Error("The container does not run");
      return at;
    });
}
