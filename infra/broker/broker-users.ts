import { serviceNames } from "./service-names.ts";

export type BrokerUser = { name: string; password: string; mayPublish: string[]; mayRead: string[] };

const root = "orderflow/v1";

/** Reads all topics and publishes none: for people and tools that watch. */
export const observerName = "observer";

export const brokerUserNames: string[] = [...serviceNames, observerName];

/** Who may do what at the broker. A stream is published by the service that owns it and by nobody else. */
export function brokerUsers(passwords: Record<string, string>): BrokerUser[] {
  const services = serviceNames.map((name) => ({ name, mayPublish: mayPublish(name), mayRead: mayRead(name) }));
  const observer = { name: observerName, mayPublish: [], mayRead: [`${root}/#`, "$SYS/#"] };
  return [...services, observer].map((user) => ({ ...user, password: passwordOf(passwords, user.name) }));
}

function mayPublish(service: string): string[] {
  const commands = serviceNames.map((target) => `${root}/cmd/${target}/${service}.commands.${target}`);
  const settings = service === "gateway" ? [`${root}/settings/#`] : [];
  return [`${root}/evt/${service}`, ...commands, `${root}/presence/${service}/#`, ...settings];
}

function mayRead(service: string): string[] {
  return [`${root}/evt/#`, `${root}/cmd/${service}/#`, `${root}/presence/#`, `${root}/settings/${service}`];
}

function passwordOf(passwords: Record<string, string>, name: string): string {
  const password = passwords[name];
  if (!password) throw new Error(`There is no broker password for ${name}`);
  return password;
}
