import { ConfigError, type Environment, readConfig, setting } from "@orderflow/common/config/read-config";
import { z } from "zod";
import { UsageError } from "../usage-error.ts";

/** A setting of an operator's command: `NAME`, or the file that `NAME_FILE` names. Throws UsageError naming what is wrong. */
export function settingOf(name: string, env: Environment): string | undefined {
  try {
    return readConfig(env, { value: setting(name, z.string().optional()) }).value;
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}
