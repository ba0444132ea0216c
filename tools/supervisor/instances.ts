import { type ServiceName, serviceNames } from "../embedded/service-names.ts";
import type { UpOptions } from "./up-options.ts";

export type Instance = { service: ServiceName; name: string; port: number; url: string };

const furtherInstancesOffset = 20;

/** Each service's first process has its fixed port, further ones take theirs from the base + 20. */
export function planInstances(options: Pick<UpOptions, "portBase" | "instances" | "without">): Instance[] {
  let furtherPort = options.portBase + furtherInstancesOffset;
  return serviceNames.flatMap((service, offset) => {
    if (options.without.includes(service)) return [];
    return Array.from({ length: options.instances[service] }, (_, index) => {
      const port = index === 0 ? options.portBase + offset : furtherPort++;
      return { service, name: `${service}-${index + 1}`, port, url: localUrl(port) };
    });
  });
}

/** Where a service is asked: all its processes, or the place of one that is left out and may be run by hand. */
export function serviceUrls(service: ServiceName, instances: Instance[], portBase: number): string[] {
  const own = instances.filter((instance) => instance.service === service).map((instance) => instance.url);
  return own.length > 0 ? own : [localUrl(portBase + serviceNames.indexOf(service))];
}

export function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** The ports of the embedded parts. */
export function partPorts(portBase: number) {
  return { mailbox: portBase + 5, postgres: portBase + 10, broker: portBase + 11, smtp: portBase + 12 };
}
