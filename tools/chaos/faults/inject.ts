import { isAlive, sendSignal } from "../../embedded/process-state.ts";
import type { ChaosSystem } from "../chaos-system.ts";
import type { FaultKind, ScheduledFault } from "../fault-schedule.ts";
import type { ProxyMode } from "../tcp-proxy.ts";
import { acceptRecipients, refuseRecipients } from "./broken-mail.ts";
import { wipeBrokerDisk } from "./broker-disk.ts";
import { fillConnections, terminateSessions } from "./database-faults.ts";
import { findLeader } from "./find-leader.ts";

/**
 * Breaks it, and makes it whole again where that does not happen by itself. Answers what was done, in words.
 * @throws when there was nothing to break.
 */
export async function inject(system: ChaosSystem, fault: ScheduledFault): Promise<string> {
  return await injections[fault.kind](system, fault);
}

type Injection = (system: ChaosSystem, fault: ScheduledFault) => Promise<string>;

const injections: Record<FaultKind, Injection> = {
  "kill-instance": async (system, { service, instance }) => killInstance(system, `${service}-${instance}`),
  "kill-gateway": (system) => killInstance(system, "gateway-1"),
  "freeze-leader": async (system, { service = "order", forMs }) => {
    const leader = await findLeader(await system.run(), service);
    if (!leader) throw new Error(`no ${service} is running`);
    sendSignal(leader.pid, "SIGSTOP");
    await Bun.sleep(forMs);
    sendSignal(leader.pid, "SIGCONT");
    return `${leader.instance} (${leader.pid})`;
  },
  "broker-kill": (system) => killBroker(system, false),
  "broker-kill-and-wipe": (system) => killBroker(system, true),
  "broker-partition-drop": (system, { forMs }) => disturb(system, { part: "broker", mode: "refuse", forMs }),
  "broker-partition-stall": (system, { forMs }) => disturb(system, { part: "broker", mode: "stall", forMs }),
  "postgres-kill": async (system) => {
    const { pid } = (await system.run()).postgres;
    sendSignal(pid, "SIGKILL");
    return `postmaster ${pid}`;
  },
  "postgres-terminate": async (system) => `${await terminateSessions((await system.run()).postgres.url)} sessions`,
  "postgres-cut": async (system) => `${system.proxies.postgres.cutAll()} connections`,
  "postgres-full": async (system, { forMs }) =>
    `${await fillConnections((await system.run()).postgres.url, forMs)} connections taken`,
  "postgres-stall": (system, { forMs }) => disturb(system, { part: "postgres", mode: "stall", forMs }),
  "smtp-refuse": (system, { forMs }) => disturb(system, { part: "smtp", mode: "refuse", forMs }),
  "smtp-stall": (system, { forMs }) => disturb(system, { part: "smtp", mode: "stall", forMs }),
  "smtp-4xx": (system, { forMs }) => answerMails(system, 451, forMs),
  "smtp-5xx": (system, { forMs }) => answerMails(system, 550, forMs),
};

async function killInstance(system: ChaosSystem, name: string): Promise<string> {
  const victim = (await system.run()).services.find(({ instance }) => instance === name);
  if (!victim || !isAlive(victim.pid)) throw new Error(`${name} is not running`);
  sendSignal(victim.pid, "SIGKILL");
  return `${name} (${victim.pid})`;
}

async function killBroker(system: ChaosSystem, wipes: boolean): Promise<string> {
  const { pid, kind } = (await system.run()).broker;
  sendSignal(pid, "SIGKILL");
  if (wipes) wipeBrokerDisk(system.state);
  return `${kind} (${pid})`;
}

type Disturbance = { part: keyof ChaosSystem["proxies"]; mode: ProxyMode; forMs: number };

async function disturb({ proxies }: ChaosSystem, { part, mode, forMs }: Disturbance): Promise<string> {
  await proxies[part].setMode(mode);
  await Bun.sleep(forMs);
  await proxies[part].setMode("pass");
  return part;
}

async function answerMails({ mailbox }: ChaosSystem, code: number, forMs: number): Promise<string> {
  await refuseRecipients(mailbox, code);
  await Bun.sleep(forMs);
  await acceptRecipients(mailbox);
  return `${code} to every recipient`;
}
