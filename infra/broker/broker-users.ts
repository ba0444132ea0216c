import { topicOf } from "@orderflow/common/messaging/topics";
import { type ServiceName, serviceNames } from "../service-names.ts";

export type BrokerUser = { name: string; password: string; mayPublish: string[]; mayRead: string[] };

/** What a service tells and listens to, as streams, and whom it calls. Commands have a stream for each target. */
type Conversation = { tells: string[]; listensTo: string[]; calls: ServiceName[] };

const root = "orderflow/v1";

const conversations: Record<ServiceName, Conversation> = {
  gateway: { tells: [], listensTo: [], calls: ["order", "inventory", "notify", "worker"] },
  order: {
    tells: ["order", "order.commands.worker"],
    listensTo: ["inventory", "worker"],
    calls: ["inventory", "worker"],
  },
  inventory: { tells: ["inventory"], listensTo: ["order", "worker"], calls: ["order", "worker"] },
  notify: { tells: [], listensTo: ["order", "inventory"], calls: ["order", "inventory"] },
  worker: { tells: ["worker"], listensTo: ["order", "order.commands.worker"], calls: ["order"] },
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
  return [...conversations[service].tells.map(topicOf), `${root}/presence/${service}/+`, ...settings, ...applied];
}

/** Who calls a service reads where its instances are. */
function mayRead(service: ServiceName): string[] {
  const { listensTo, calls } = conversations[service];
  const applied = service === "gateway" ? [`${root}/settings/+/applied/+`] : [];
  const presence = calls.map((called) => `${root}/presence/${called}/+`);
  return [...listensTo.map(topicOf), ...presence, `${root}/settings/${service}`, ...applied];
}

function passwordOf(passwords: Record<string, string>, name: string): string {
  const password = passwords[name];
  if (!password) throw new Error(`There is no broker password for ${name}`);
  return password;
}
