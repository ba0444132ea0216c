import { topicOf } from "@orderflow/common/messaging/topics";
import { type ServiceName, serviceNames } from "../service-names.ts";

export type BrokerUser = { name: string; password: string; mayPublish: string[]; mayRead: string[] };

/** What a service tells, and what it listens to. Commands go to a stream of their own for each target. */
type Messages = { tells: string[]; listensTo: string[] };

const root = "orderflow/v1";

const messages: Record<ServiceName, Messages> = {
  gateway: { tells: [], listensTo: [] },
  order: { tells: ["order", "order.commands.worker"], listensTo: ["inventory", "worker"] },
  inventory: { tells: ["inventory"], listensTo: ["order", "worker"] },
  notify: { tells: [], listensTo: ["order", "inventory"] },
  worker: { tells: ["worker"], listensTo: ["order", "order.commands.worker"] },
};

/** Reads all topics and publishes none: for people and tools that watch. */
export const observerName = "observer";

export const brokerUserNames: string[] = [...serviceNames, observerName];

/** Who may do what at the broker: a filter for each right, and no right without a filter. */
export function brokerUsers(passwords: Record<string, string>): BrokerUser[] {
  const services = serviceNames.map((name) => ({ name, mayPublish: mayPublish(name), mayRead: mayRead(name) }));
  const observer = { name: observerName, mayPublish: [], mayRead: [`${root}/#`, "$SYS/#"] };
  return [...services, observer].map((user) => ({ ...user, password: passwordOf(passwords, user.name) }));
}

/** The gateway keeps the settings; each service says which it has applied. */
function mayPublish(service: ServiceName): string[] {
  const settings = service === "gateway" ? [`${root}/settings/+`] : [];
  const applied = [`${root}/settings/${service}/applied/+`];
  return [...messages[service].tells.map(topicOf), `${root}/presence/${service}/+`, ...settings, ...applied];
}

function mayRead(service: ServiceName): string[] {
  const everyone = service === "gateway" ? [`${root}/presence/+/+`, `${root}/settings/+/applied/+`] : [];
  return [...messages[service].listensTo.map(topicOf), `${root}/settings/${service}`, ...everyone];
}

function passwordOf(passwords: Record<string, string>, name: string): string {
  const password = passwords[name];
  if (!password) throw new Error(`There is no broker password for ${name}`);
  return password;
}
