import { repositoryRoot } from "../embedded/repository-root.ts";
import { UsageError } from "../install/usage-error.ts";

export type Engine = {
  /** Runs a command of Compose in the checkout. Answers what it printed; throws with what it complained of. */
  compose(...args: string[]): Promise<string>;
  docker(...args: string[]): Promise<string>;
};

type Options = { files: string[]; environment: Record<string, string> };

/** Throws a UsageError when there is no Docker engine, or no Compose. */
export async function findEngine({ files, environment }: Options): Promise<Engine> {
  const env = { ...process.env, ...environment };
  const docker = (...args: string[]) => run(["docker", ...args], env);
  if (!Bun.which("docker")) throw new UsageError("There is no docker on PATH.");
  await docker("info").catch((cause) => {
    throw new UsageError(`The Docker engine does not answer: ${cause.message}`);
  });
  const isPlugin = await docker("compose", "version").then(
    () => true,
    () => false,
  );
  if (!isPlugin && !Bun.which("docker-compose"))
    throw new UsageError("There is neither docker compose nor docker-compose.");
  const command = isPlugin ? ["docker", "compose"] : ["docker-compose"];
  const options = ["--profile", "demo", "--profile", "mail", ...files.flatMap((file) => ["-f", file])];
  return { docker, compose: (...args) => run([...command, ...options, ...args], env) };
}

async function run(command: string[], env: Record<string, string | undefined>): Promise<string> {
  const child = Bun.spawn(command, { cwd: repositoryRoot, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${(err || out).trim().slice(-4_000)}`);
  return out.trim();
}
