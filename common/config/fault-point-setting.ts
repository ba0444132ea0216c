import { ConfigError, type Environment } from "./read-config.ts";

const place = /^([a-z-]+\.[a-z-]+)=([1-9]\d{0,6})$/;

/**
 * FAULT_POINTS, such as `publish.lost=50,append.slow-commit=200`: each named point misbehaves every so many times. Only
 * with ALLOW_FAULT_POINTS=true, and never where NODE_ENV is production.
 *
 * @throws ConfigError
 */
export function readFaultPoints(env: Environment = process.env): Map<string, number> {
  const text = env.FAULT_POINTS;
  if (!text) return new Map();
  if (env.ALLOW_FAULT_POINTS !== "true" || env.NODE_ENV === "production")
    throw new ConfigError([
      "FAULT_POINTS: makes a service misbehave; only with ALLOW_FAULT_POINTS=true outside production",
    ]);
  return new Map(
    text.split(",").map((part) => {
      const [, name, every] = place.exec(part) ?? [];
      if (!name || !every)
        throw new ConfigError(["FAULT_POINTS: expected names with a number, such as publish.lost=50"]);
      return [name, Number(every)];
    }),
  );
}
