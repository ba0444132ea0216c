import type { Broker } from "../messaging/broker.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { SettingService } from "./setting-catalog.ts";
import {
  type AppliedMessage,
  appliedTopic,
  readSettingsMessage,
  type SettingsMessage,
  settingsTopic,
} from "./setting-messages.ts";
import { demonstrationsIn, readSettingValues, type SettingValues } from "./setting-values.ts";

export type SettingsFollower = {
  /** Of the central settings that are applied; 0 while none have been heard of. */
  version(): number;
  /** Called now and with each change, with all that is set centrally. What is left out is as the environment has it. */
  onApply(apply: (values: SettingValues) => void): void;
  /** For who has them from somewhere else than the broker. Never throws: what cannot be applied leaves all as it is. */
  take(message: SettingsMessage): void;
  /** Takes back what this instance has said, within half a second whether the broker answers or not. */
  close(): Promise<void>;
};

type Options = {
  service: SettingService;
  config: { instance: string; isProduction: boolean };
  broker: Broker;
  logger: Logger;
  metrics: Metrics;
  everyMs?: number;
};

const leaveTimeoutMs = 500;
const missable = 3;

/** Applies a service's central settings as they come, keeps the last good ones, and says which version this instance runs. */
export function followSettings(options: Options): SettingsFollower {
  const { service, config, broker, logger, metrics, everyMs = 5_000 } = options;
  const topic = appliedTopic(service, config.instance);
  const shown = metrics.gauge("settings_version", "Version of the central settings that is applied");
  const appliers: ((values: SettingValues) => void)[] = [];
  let applied: { version: number; values: SettingValues } = { version: 0, values: {} };
  let heard: Pick<SettingsMessage, "version" | "values"> = applied;
  let problem: string | undefined;
  let isClosed = false;
  shown.set(0);

  function take({ version, values }: SettingsMessage): void {
    // A lower version is taken too, and the same with other values: what the gateway's database holds decides, also after
    // it was restored.
    if (problem === undefined && Bun.deepEquals(heard, { version, values })) return;
    heard = { version, values };
    try {
      const wanted = { version, values: permitted(readSettingValues(service, values)) };
      for (const apply of appliers) apply(wanted.values);
      applied = wanted;
      problem = undefined;
      shown.set(version);
      logger.info({ version, names: Object.keys(wanted.values) }, "central settings applied");
    } catch (error) {
      problem = "its values cannot be applied here";
      logger.error({ err: error, version, kept: applied.version }, "central settings refused, the last good ones stay");
      for (const apply of appliers) attempt(() => apply(applied.values));
    }
    tell();
  }

  function permitted(values: SettingValues): SettingValues {
    const left = new Set(config.isProduction ? demonstrationsIn(service, values) : []);
    if (left.size === 0) return values;
    logger.error({ names: [...left] }, "settings for demonstrations are not applied in production");
    return Object.fromEntries(Object.entries(values).filter(([name]) => !left.has(name)));
  }

  async function report(): Promise<void> {
    if (isClosed || !broker.isConnected()) return;
    const ttlMs = everyMs * missable;
    const said: AppliedMessage = {
      service,
      instance: config.instance,
      version: applied.version,
      heard: heard.version,
      ttlMs,
    };
    const payload = JSON.stringify({ ...said, problem });
    const expiryS = Math.ceil(ttlMs / 1_000);
    await broker.publish(topic, payload, { contentType: "application/json", retain: true, expiryS });
  }

  const tell = () => void report().catch((error) => logger.debug({ err: error }, "applied settings were not reported"));
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      logger.error({ err: error }, "a setting could not be put back");
    }
  };
  const hear = (payload: Uint8Array) => {
    if (payload.byteLength === 0) return;
    const message = readSettingsMessage(service, payload);
    if (message) take(message);
    else logger.warn("central settings that cannot be read");
  };
  const unsubscribe = broker.subscribe(settingsTopic(service), hear);
  const forget = broker.onConnect(tell);
  const timer = setInterval(tell, everyMs);
  timer.unref();
  tell();

  return {
    version: () => applied.version,
    onApply(apply) {
      appliers.push(apply);
      attempt(() => apply(applied.values));
    },
    take,
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      forget();
      unsubscribe();
      const cleared = broker.publish(topic, "", { retain: true }).catch(() => undefined);
      await Promise.race([cleared, Bun.sleep(leaveTimeoutMs)]);
    },
  };
}
