import { join } from "node:path";
import { answers, freePort } from "../embedded/ports.ts";
import { repositoryRoot, stateFolder } from "../embedded/repository-root.ts";
import { isServiceName, serviceNames } from "../embedded/service-names.ts";
import { UsageError } from "../install/usage-error.ts";
import { readEnvironmentFile } from "./environment-file.ts";
import { onStopRequest } from "./stop-request.ts";

/** Runs one service, restarted on change, until it is stopped. Returns its exit code. */
export async function runDev(service: string): Promise<number> {
  if (!isServiceName(service)) {
    throw new UsageError(`There is no service "${service}". Call it in the folder of one: ${serviceNames.join(", ")}.`);
  }
  const env = developmentEnvironment(service);
  const wanted = Number(env.PORT);
  const port = (await answers(wanted)) ? await freePort() : wanted;
  if (port !== wanted) {
    console.log(
      `Port ${wanted} is taken, so this ${service} listens on ${port} and shares the calls with the running one. ` +
        `To put it in that one's place: bun run up --without ${service}`,
    );
  }
  const child = Bun.spawn([process.execPath, "--watch", "--no-clear-screen", "main.ts"], {
    cwd: join(repositoryRoot, service),
    env: { ...env, PORT: String(port) },
    stdio: ["ignore", "inherit", "inherit"],
    detached: true, // Ctrl-C reaches it once, through us.
  });
  const stopRequest = onStopRequest(() => child.kill("SIGKILL"), console.log);
  void stopRequest.asked.then(() => child.kill("SIGTERM"));
  const exitCode = await child.exited;
  return stopRequest.isAsked() ? 0 : exitCode;
}

/** What the caller's environment names comes first; the rest is as the last `up` had it. */
function developmentEnvironment(service: string): Record<string, string | undefined> {
  const fromUp = readEnvironmentFile(join(stateFolder, "env", `${service}.env`));
  const hasDatabase = process.env.DATABASE_URL || process.env[`${service.toUpperCase()}_DATABASE_URL`];
  if (!fromUp && !hasDatabase) {
    throw new UsageError(
      "There is nothing to connect to. Start the system with `bun run up` in the root folder first, or name the parts in the environment (DATABASE_URL, MQTT_URL, …).",
    );
  }
  return { LOG_PRETTY: "true", INSTANCE: `${service}-dev`, ...fromUp, ...process.env };
}
