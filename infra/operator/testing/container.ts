import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { childEnvironment } from "../../command-line/child-environment.ts";

const root = resolve(import.meta.dir, "../../..");

type Service = { command?: string[]; entrypoint?: string[]; environment?: Record<string, string>; volumes?: string[] };
/** `said` is what a person sees: the output, and what is told on the side, such as progress. */
type Run = { exitCode: number; output: string; said: string };

const { services } = Bun.YAML.parse(readFileSync(join(root, "compose.yaml"), "utf8")) as {
  services: Record<string, Service>;
};

/**
 * Runs the command of a container of compose.yaml with the environment that it is given there, without the container:
 * `/run/secrets/x` is the folder `x` of the secrets, if compose.yaml mounts it. `given` is the caller's environment.
 */
export async function runContainer(
  name: string,
  { secrets, args = [], given = {} }: { secrets: string; args?: string[]; given?: Record<string, string> },
): Promise<Run> {
  const { command = [], entrypoint = ["bun"], environment = {}, volumes = [] } = services[name] ?? {};
  const mounted = volumes.flatMap((volume) => volume.match(/^secrets-(\w+):(\/run\/secrets\/\w+):ro$/)?.slice(1) ?? []);
  const place = (value: string) => {
    for (let at = 0; at < mounted.length; at += 2) {
      if (value.startsWith(`${mounted[at + 1]}/`))
        return join(secrets, mounted[at] ?? "", value.slice(mounted[at + 1]?.length));
    }
    return value.replace(/\$\{(\w+):-([^}]*)\}/, (_, variable, otherwise) => given[variable] ?? otherwise);
  };
  const env = Object.entries(environment).map(([variable, value]) => [variable, place(String(value))]);
  const [, ...words] = [...entrypoint, ...command];
  const child = Bun.spawn([process.execPath, ...words, ...args], {
    cwd: root,
    env: { ...childEnvironment(), ...foldersOf(secrets), ...Object.fromEntries(env) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [exitCode, output, errors] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { exitCode, output, said: `${output}${errors}`.trim() };
}

/** Where the jobs look, which in their containers is what is mounted. */
function foldersOf(secrets: string): Record<string, string> {
  return { DATABASE_SECRETS_FOLDER: join(secrets, "databases"), OWNER_SECRETS_FOLDER: join(secrets, "owners") };
}
