import type { Known } from "./directory.ts";

/** A process that calls may go to. */
export type Instance = {
  url: string;
  /** Calls of ours that it is answering. */
  inFlight: number;
  /** As it last announced it, over all callers. */
  load: number;
  failures: number;
  /** Not asked until then, while there is another. */
  restsUntilMs: number;
};

export type InstancePool = {
  /** The less loaded of two at random among the healthy ones not tried; the others only when none is left. */
  choose(tried: ReadonlySet<Instance>): Instance | undefined;
  succeeded(instance: Instance): void;
  /** It rests for a second, and longer each time it fails again. */
  failed(instance: Instance): void;
  /** Instances that can be chosen. */
  size(): number;
  /** Instances that have announced themselves. */
  announced(): number;
};

type Options = {
  /** Asked when nothing is announced, or nothing announced is left. */
  urls: readonly string[];
  live: () => Known[];
  nowMs?: () => number;
};

const firstRestMs = 1_000;
const maxRestMs = 8_000;
/** What others send it counts less than what we do: it is up to two seconds old. */
const loadWeight = 0.25;

export function createInstancePool({ urls, live, nowMs = () => performance.now() }: Options): InstancePool {
  const configured = urls.map((url) => anInstance(url.replace(/\/+$/, "")));
  const announced = new WeakMap<Known, Instance>();

  function current(): Instance[] {
    return live().map((known) => {
      const instance = announced.get(known) ?? anInstance(known.url);
      announced.set(known, instance);
      instance.load = known.load;
      return instance;
    });
  }

  return {
    choose(tried) {
      const present = current();
      const now = nowMs();
      const untried = (instance: Instance) => !tried.has(instance);
      const healthy = (instance: Instance) => untried(instance) && instance.restsUntilMs <= now;
      for (const candidates of [present, configured]) {
        const chosen = lessLoaded(candidates.filter(healthy));
        if (chosen) return chosen;
      }
      const resting = [...present, ...configured].filter(untried);
      return resting.sort((a, b) => a.restsUntilMs - b.restsUntilMs)[0];
    },
    succeeded(instance) {
      if (instance.failures === 0) return;
      instance.failures = 0;
      instance.restsUntilMs = 0;
    },
    failed(instance) {
      instance.restsUntilMs = nowMs() + Math.min(firstRestMs * 2 ** instance.failures, maxRestMs);
      instance.failures += 1;
    },
    size: () => live().length || configured.length,
    announced: () => live().length,
  };
}

function anInstance(url: string): Instance {
  return { url, inFlight: 0, load: 0, failures: 0, restsUntilMs: 0 };
}

/** Of two at random: the least loaded of all would draw every caller at once. */
function lessLoaded(instances: Instance[]): Instance | undefined {
  const first = Math.floor(Math.random() * instances.length);
  if (instances.length < 2) return instances[first];
  const second = (first + 1 + Math.floor(Math.random() * (instances.length - 1))) % instances.length;
  const [a, b] = [instances[first], instances[second]];
  return a && b && weight(b) < weight(a) ? b : a;
}

function weight({ inFlight, load }: Instance): number {
  return inFlight + load * loadWeight;
}
