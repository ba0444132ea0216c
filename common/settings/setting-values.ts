import { z } from "zod";
import { callTargets, type SettingService, settingCatalog, settingsOf } from "./setting-catalog.ts";

const { logLevel, traceSampleRatio, calls, callsPerCaller, requestsPerAddress, latencyTargetMs } = settingCatalog;
const { lowStockThreshold, jobConcurrency, smtpFailureRatio } = settingCatalog;
const { carrierFailureRatio, carrierDispatchDelayMs, carrierDeliveryDelayMs } = settingCatalog;

/** What is set centrally for one service. What is left out is as the service's environment has it. */
export const SettingValues = z
  .object({
    logLevel: logLevel.schema,
    traceSampleRatio: traceSampleRatio.schema,
    calls: calls.schema,
    callsPerCaller: callsPerCaller.schema,
    requestsPerAddress: requestsPerAddress.schema,
    latencyTargetMs: latencyTargetMs.schema,
    lowStockThreshold: lowStockThreshold.schema,
    jobConcurrency: jobConcurrency.schema,
    smtpFailureRatio: smtpFailureRatio.schema,
    carrierFailureRatio: carrierFailureRatio.schema,
    carrierDispatchDelayMs: carrierDispatchDelayMs.schema,
    carrierDeliveryDelayMs: carrierDeliveryDelayMs.schema,
  })
  .partial()
  .strict();

export type SettingValues = z.output<typeof SettingValues>;

export type SettingProblem = { path: string[]; message: string };

/** What a service has no use for among values that are right in themselves. */
export function problemsOf(service: SettingService, values: SettingValues): SettingProblem[] {
  const known = new Set<string>(settingsOf(service).map(({ name }) => name));
  const foreign = Object.keys(values).filter((name) => !known.has(name));
  const targets = Object.keys(values.calls ?? {}).filter((target) => !callTargets[service].includes(target));
  return [
    ...foreign.map((name) => ({ path: [name], message: `${service} has no such setting` })),
    ...targets.map((target) => ({
      path: ["calls", target],
      message: `${service} calls no such target: expected one of ${callTargets[service].join(", ")}`,
    })),
  ];
}

/** Names of what is set that makes a service misbehave. */
export function demonstrationsIn(service: SettingService, values: SettingValues): string[] {
  const set = new Set(Object.keys(values));
  return settingsOf(service).flatMap(({ name, isDemonstration }) => (isDemonstration && set.has(name) ? [name] : []));
}

/**
 * What another release has set, as far as this one knows it: a name it does not know is left out.
 *
 * @throws ZodError when a value is out of its bounds.
 */
export function readSettingValues(service: SettingService, given: unknown): SettingValues {
  const known = new Set<string>(settingsOf(service).map(({ name }) => name));
  const object = z.record(z.string(), z.unknown()).parse(given);
  return SettingValues.parse(Object.fromEntries(Object.entries(object).filter(([name]) => known.has(name))));
}
