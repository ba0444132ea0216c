import { createDirectory } from "../discovery/directory.ts";
import type { HeardHeads } from "../discovery/heard-heads.ts";
import { createInstancePool, type InstancePool } from "../discovery/instance-pool.ts";
import type { Broker } from "../messaging/broker.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { type CallSettings, type CallSettingsByTarget, type LiveSettings, liveSettings } from "./call-settings.ts";
import { createTarget, type Target } from "./target.ts";

/** The services that this one calls. */
export type Peers = {
  /** `name` tells several targets of one service apart, each with its own breaker and bounds. The same name again is the same target. */
  target(options: { service: string; name?: string; settings?: Partial<CallSettings> }): Target;
  /** Of every target there is, to change while the process runs. */
  settings(): ReadonlyMap<string, LiveSettings>;
  /** What counts more than each target's own settings from now on. What is left out goes back to the target's own. */
  overrule(settings: CallSettingsByTarget): void;
  /** Where the streams of a service end, as its instances announce it; undefined with DISCOVERY=static. */
  heads(service: string): HeardHeads | undefined;
  /** How many instances of each service have announced themselves. */
  announced(): Record<string, number>;
};

type Options = {
  config: { discovery: "mqtt" | "static"; callSettings: CallSettingsByTarget };
  /** Asked while nothing is announced, or with DISCOVERY=static. */
  urls: Readonly<Record<string, readonly string[]>>;
  broker: Pick<Broker, "subscribe">;
  logger: Logger;
  metrics: Metrics;
};

/** Listens for the instances of these services from now on. */
export function createPeers({ config, urls, broker, logger, metrics }: Options): Peers {
  const pools = new Map<string, InstancePool>();
  const heads = new Map<string, HeardHeads>();
  const targets = new Map<string, Target>();
  const own = new Map<string, CallSettings>();
  let overruling: CallSettingsByTarget = {};
  for (const [service, configured] of Object.entries(urls)) {
    const directory = config.discovery === "mqtt" ? createDirectory({ service, broker, logger }) : undefined;
    if (directory) heads.set(service, directory.heads);
    pools.set(service, createInstancePool({ urls: configured, live: () => directory?.live() ?? [] }));
  }
  const announced = () => Object.fromEntries([...pools].map(([service, pool]) => [service, pool.announced()]));
  // `service` is the label of whoever counts.
  const instances = metrics.gauge("discovery_instances", "Instances of a neighbour that have announced themselves", [
    "target",
  ]);
  metrics.onScrape(() => {
    for (const [service, count] of Object.entries(announced())) instances.set({ target: service }, count);
  });

  function settle(name: string, live: LiveSettings): void {
    const wanted = { ...own.get(name), ...withoutUndefined(overruling[name]) };
    if (!Bun.deepEquals(wanted, live.current())) live.change(wanted);
  }

  return {
    target({ service, name = service, settings }) {
      const known = targets.get(name);
      if (known) return known;
      const pool = pools.get(service);
      if (!pool) throw new Error(`${service} is no neighbour: no URL is configured for it`);
      const live = liveSettings(settings ?? {}, withoutUndefined(config.callSettings[name]));
      own.set(name, live.current());
      const target = createTarget({ name, service, pool, settings: live, logger, metrics });
      targets.set(name, target);
      settle(name, live);
      return target;
    },
    settings: () => new Map([...targets].map(([name, { settings }]) => [name, settings])),
    overrule(given) {
      overruling = given;
      for (const [name, { settings: live }] of targets) settle(name, live);
    },
    heads: (service) => heads.get(service),
    announced,
  };
}

function withoutUndefined(given: CallSettingsByTarget[string] = {}): Partial<CallSettings> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
