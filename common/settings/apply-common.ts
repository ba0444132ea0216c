import type { Logger, LogLevel } from "../observability/logger.ts";
import type { Tracing } from "../observability/start-tracing.ts";
import type { CallSettingsByTarget } from "../resilience/call-settings.ts";
import type { Peers } from "../resilience/peers.ts";
import type { SettingValues } from "./setting-values.ts";

type Options = {
  config: { logLevel: LogLevel; traceSampleRatio: number };
  logger: Logger;
  tracing: Tracing;
  peers: Peers;
};

/** What every service has to set: the log, the traces, and the calls to others. */
export function applyCommon({ config, logger, tracing, peers }: Options): (values: SettingValues) => void {
  return ({ logLevel, traceSampleRatio, calls }) => {
    logger.level = logLevel ?? config.logLevel;
    tracing.sample(traceSampleRatio ?? config.traceSampleRatio);
    peers.overrule((calls ?? {}) as CallSettingsByTarget);
  };
}
