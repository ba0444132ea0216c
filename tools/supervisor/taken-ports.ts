import { createServer } from "node:net";
import { UsageError } from "../install/usage-error.ts";

export type WantedPort = { port: number; for: string };

/** Throws a UsageError that names every port somebody else listens on, and the way out. */
export async function refuseTakenPorts(wanted: WantedPort[]): Promise<void> {
  const problems = await Promise.all(
    wanted.map(async (entry) => ({ ...entry, problem: await problemWith(entry.port) })),
  );
  const refused = problems.filter((entry) => entry.problem !== undefined);
  if (refused.length === 0) return;
  const lines = refused.map((entry) => `Port ${entry.port} (${entry.for}) ${entry.problem}.`);
  throw new UsageError(
    `${lines.join("\n")}\nStop what listens there, or choose other ports: bun run up --port-base 4000`,
  );
}

function problemWith(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EADDRINUSE" ? "is taken" : `cannot be opened (${error.code})`);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
