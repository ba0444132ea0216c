import { startMark } from "../embedded/process-state.ts";
import { stateFolder } from "../embedded/repository-root.ts";
import { bringUp } from "./bring-up.ts";
import { claimState } from "./claim-state.ts";
import { needsPostgres, readExternalParts } from "./external-parts.ts";
import { forgetState } from "./fresh-start.ts";
import { type Instance, partPorts, planInstances } from "./instances.ts";
import { endLeftovers } from "./leftovers.ts";
import { createProcessSet, type ProcessSet } from "./process-set.ts";
import { awaitReady } from "./readiness.ts";
import { type RunFile, removeRunFile } from "./run-file.ts";
import { loadSecrets, type Secrets } from "./secrets.ts";
import { onStopRequest } from "./stop-request.ts";
import { refuseTakenPorts } from "./taken-ports.ts";
import { createUpLog, type UpLog } from "./up-log.ts";
import type { UpOptions } from "./up-options.ts";
import { welcome } from "./welcome.ts";

const readyTimeoutMs = 60_000;

/** The supervisor: brings everything up, keeps it up, and takes it down in order when it is told to. Returns the exit code. */
export async function runUp(options: UpOptions): Promise<number> {
  const lock = await claimState(stateFolder);
  const log = createUpLog();
  const external = readExternalParts(process.env);
  const left = await endLeftovers();
  if (left.length > 0) log.say(`ended what an earlier run left: ${left.join(", ")}`);
  if (options.isFresh) forgetState(stateFolder);
  const instances = planInstances(options);
  await refuseTakenPorts(wantedPorts(options, instances, external));
  const secrets = await loadSecrets(stateFolder);
  const processes = createProcessSet(emptyRun(secrets), log);
  const stopRequest = onStopRequest(() => processes.killAll(), log.say);
  try {
    const start = bringUp({ options, stateFolder, secrets, external, instances, processes, log }).then(
      () => "up" as const,
    );
    const outcome = await Promise.race([start, stopRequest.asked]);
    if (
      outcome === "up" &&
      !(await announceReady({ options, instances, processes, log, isStopping: stopRequest.isAsked }))
    )
      return 1;
    await stopRequest.asked;
    return 0;
  } finally {
    await takeDown(instances, processes, log);
    lock.release();
  }
}

type Announcement = {
  options: UpOptions;
  instances: Instance[];
  processes: ProcessSet;
  log: UpLog;
  isStopping: () => boolean;
};

/** False when nothing is to be waited for any longer. */
async function announceReady({ options, instances, processes, log, isStopping }: Announcement): Promise<boolean> {
  const unready = await awaitReady(instances, {
    timeoutMs: readyTimeoutMs,
    isWhole: options.without.length === 0,
    isPointless: () => isStopping() || (options.mustBeReady && processes.isHopeless()),
  });
  if (isStopping()) return true;
  if (unready.length > 0) {
    for (const { name, problem } of unready) log.say(`${name} is not ready: ${problem}`);
    return !options.mustBeReady;
  }
  processes.run.readyAt = new Date().toISOString();
  processes.save();
  console.log(welcome(processes.run, performance.now()));
  return true;
}

async function takeDown(instances: Instance[], processes: ProcessSet, log: UpLog): Promise<void> {
  log.say("stopping");
  const namesOf = (isGateway: boolean) =>
    instances.filter((instance) => (instance.service === "gateway") === isGateway).map((instance) => instance.name);
  await processes.stopInOrder([namesOf(true), namesOf(false), ["mailbox"], ["broker"], ["postgres"]]);
  removeRunFile();
  log.say("stopped");
}

function wantedPorts(options: UpOptions, instances: Instance[], external: ReturnType<typeof readExternalParts>) {
  const ports = partPorts(options.portBase);
  return [
    ...instances.map((instance) => ({ port: instance.port, for: instance.name })),
    ...(needsPostgres(external) ? [{ port: ports.postgres, for: "PostgreSQL" }] : []),
    ...(external.mqttUrl ? [] : [{ port: ports.broker, for: "broker" }]),
    ...(external.smtpUrl
      ? []
      : [
          { port: ports.mailbox, for: "mailbox" },
          { port: ports.smtp, for: "SMTP" },
        ]),
  ];
}

function emptyRun(secrets: Secrets): RunFile {
  return {
    supervisor: { pid: process.pid, startMark: startMark(process.pid) },
    services: [],
    postgres: { pid: 0, url: "" },
    broker: { kind: "external", pid: 0, url: "" },
    mailbox: { pid: 0, url: "", smtpUrl: "" },
    demo: secrets.demo,
    processes: [],
  };
}
