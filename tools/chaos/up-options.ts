import { type FaultPoint, faultPointNames } from "@orderflow/common/fault-points";
import { serviceNames } from "../embedded/service-names.ts";
import type { ChaosOptions } from "./chaos-options.ts";

/** Every how many passes each point misbehaves. */
const everyNth: Record<FaultPoint, number> = {
  "append.slow-commit": 150,
  "consume.short-batch": 10,
  "publish.lost": 40,
  "publish.doubled": 40,
  "publish.shuffled": 40,
  "read.early-head": 20,
};

/** How `up` is to start the system that will be broken. */
export function upOptions({
  instances,
  broker,
  usesFaultPoints,
}: Pick<ChaosOptions, "instances" | "broker" | "usesFaultPoints">): string[] {
  const several = serviceNames.filter((name) => name !== "gateway").map((name) => `${name}=${instances}`);
  const points = faultPointNames.map((name) => `${name}=${everyNth[name]}`).join(",");
  const settings = [
    "CARRIER_DISPATCH_DELAY_MS=500",
    "CARRIER_DELIVERY_DELAY_MS=500",
    "CARRIER_FAILURE_RATIO=0.05",
    "SMTP_TIMEOUT_MS=3000",
    "RATE_LIMIT_CALLER_PER_MINUTE=0",
    "RATE_LIMIT_ADDRESS_PER_MINUTE=0",
    "AUTH_RATE_LIMIT_MAX=0",
    "LOG_LEVEL=warn",
    ...(usesFaultPoints ? ["ALLOW_FAULT_POINTS=true", `FAULT_POINTS=${points}`] : []),
  ];
  return [
    ...["--instances", several.join(","), "--broker-disk"],
    ...(broker ? ["--broker", broker] : []),
    ...settings.flatMap((setting) => ["--env", setting]),
  ];
}
