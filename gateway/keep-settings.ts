import { createTokenVerifier, publicAudience } from "@orderflow/common/auth/internal-token";
import type { Broker } from "@orderflow/common/messaging/broker";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { followSettings, type SettingsFollower } from "@orderflow/common/settings/follow-settings";
import type { SQL } from "bun";
import type { GatewayConfig } from "./config.ts";
import { createOwnUpstream } from "./handlers/own-upstream.ts";
import { settingsDocument } from "./handlers/settings/document.ts";
import { settingsRouter } from "./handlers/settings/router.ts";
import type { SettingsHandling } from "./handlers/settings/trpc.ts";
import { createSettingsBroadcast } from "./providers/settings-broadcast.ts";
import type { Upstream } from "./providers/upstream.ts";
import { createSettingVersions } from "./repositories/setting-versions.ts";

type Options = { config: GatewayConfig; sql: SQL; broker: Broker; logger: Logger; metrics: Metrics; now: () => Date };

export type KeptSettings = {
  /** Of the gateway itself. */
  follower: SettingsFollower;
  /** The procedures `settings.*`. */
  upstream: Upstream;
  close(): Promise<void>;
};

/** The part of the context that keeps everybody's settings. The gateway's own come straight from its database. */
export function keepSettings({ config, sql, broker, logger, metrics, now }: Options): KeptSettings {
  const versions = createSettingVersions(sql);
  const follower = followSettings({ service: "gateway", config, broker, logger, metrics });
  const broadcast = createSettingsBroadcast({
    broker,
    logger,
    async read(service) {
      const latest = await versions.latest(service);
      return { service, version: latest?.version ?? 0, values: latest?.values ?? {} };
    },
    onTold(message) {
      if (message.service === "gateway") follower.take(message);
    },
  });
  const handling: SettingsHandling = { versions, broadcast, isProduction: config.isProduction, now };
  const own = { service: "settings", router: settingsRouter, document: settingsDocument };
  return {
    follower,
    upstream: createOwnUpstream({
      ...own,
      handling,
      verifier: createTokenVerifier({ audience: [publicAudience], publicKeys: config.servicePublicKeys }),
      logger,
      metrics,
    }),
    async close() {
      broadcast.close();
      await follower.close();
    },
  };
}
