import type { Broker } from "@orderflow/common/messaging/broker";
import type { Logger } from "@orderflow/common/observability/logger";
import { type SettingService, settingServices } from "@orderflow/common/settings/setting-catalog";
import {
  type AppliedMessage,
  appliedFilter,
  readAppliedMessage,
  type SettingsMessage,
  settingsTopic,
} from "@orderflow/common/settings/setting-messages";

export type AppliedBy = Pick<AppliedMessage, "instance" | "version" | "problem">;

export type SettingsBroadcast = {
  /** Tells the service's instances what the database says now. Never throws, and tries again by itself. */
  tell(service: SettingService): void;
  /** What each instance says that it runs, by name. One that was killed is forgotten after some seconds. */
  appliedBy(service: SettingService): AppliedBy[];
  close(): void;
};

type Options = {
  broker: Broker;
  logger: Logger;
  /** What is set now; version 0 without values while nothing was. */
  read: (service: SettingService) => Promise<SettingsMessage>;
  /** Hears of everything that is told, with or without a broker. */
  onTold?: (message: SettingsMessage) => void;
};

type Known = AppliedBy & { service: SettingService; forgetAtMs: number };

const retryMs = 1_000;
const maxInstances = 500;

/** Keeps each service's settings at the broker: now, with each change, on each connect, and when an instance is behind. */
export function createSettingsBroadcast({ broker, logger, read, onTold }: Options): SettingsBroadcast {
  const known = new Map<string, Known>();
  const told = new Map<SettingService, number>();
  const telling = new Set<SettingService>();
  const again = new Set<SettingService>();
  let isClosed = false;

  async function tellOnce(service: SettingService): Promise<void> {
    const message = await read(service);
    if (isClosed) return;
    onTold?.(message);
    told.set(service, message.version);
    // Without a broker there is nothing to retry: connecting tells everything.
    if (!broker.isConnected()) return;
    await broker.publish(settingsTopic(service), JSON.stringify(message), {
      contentType: "application/json",
      retain: true,
    });
  }

  /** One at a time for each service, so that the last told is the last read. */
  function tell(service: SettingService): void {
    if (isClosed) return;
    if (telling.has(service)) {
      again.add(service);
      return;
    }
    telling.add(service);
    void tellOnce(service)
      .catch((error: unknown) => {
        if (isClosed) return;
        logger.warn({ err: error, settingsOf: service }, "central settings could not be told, trying again");
        setTimeout(() => tell(service), retryMs).unref();
      })
      .finally(() => {
        telling.delete(service);
        if (again.delete(service)) tell(service);
      });
  }

  function hear(payload: Uint8Array, topic: string): void {
    forgetLate();
    if (payload.byteLength === 0) {
      known.delete(topic);
      return;
    }
    const said = readAppliedMessage(topic, payload);
    if (!said || (!known.has(topic) && known.size >= maxInstances)) return;
    const { service, instance, version, heard, problem, ttlMs } = said;
    known.set(topic, { service, instance, version, problem, forgetAtMs: performance.now() + ttlMs });
    // Behind, or another gateway has told something newer: what the database says is told again.
    if (heard !== told.get(service)) tell(service);
  }

  function forgetLate(): void {
    const now = performance.now();
    for (const [topic, { forgetAtMs }] of known) if (forgetAtMs <= now) known.delete(topic);
  }

  const tellAll = () => {
    for (const service of settingServices) tell(service);
  };
  const unsubscribe = broker.subscribe(appliedFilter, hear);
  const forget = broker.onConnect(tellAll);
  tellAll();

  return {
    tell,
    appliedBy(service) {
      forgetLate();
      return [...known.values()]
        .filter((one) => one.service === service)
        .map(({ instance, version, problem }) => ({ instance, version, problem }))
        .sort((a, b) => a.instance.localeCompare(b.instance));
    },
    close() {
      isClosed = true;
      forget();
      unsubscribe();
    },
  };
}
