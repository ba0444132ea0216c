import { z } from "zod";
import { CallSettingsJson } from "../resilience/call-settings.ts";

export const settingServices = ["gateway", "order", "inventory", "notify", "worker"] as const;
export const SettingService = z.enum(settingServices);
export type SettingService = z.output<typeof SettingService>;

type Definition<Schema extends z.ZodType = z.ZodType> = {
  schema: Schema;
  /** Who has it, and what holds there while neither the environment nor a central setting says otherwise. */
  defaults: Partial<Record<SettingService, z.output<Schema>>>;
  /** Makes a service misbehave: refused in production. */
  isDemonstration?: boolean;
};

const maxDelayMs = 30 * 86_400_000;
const perMinute = z.int().min(0).max(100_000_000);
const ratio = z.number().min(0).max(1);
const ofAll = <Value>(value: Value): Record<SettingService, Value> => ({
  gateway: value,
  order: value,
  inventory: value,
  notify: value,
  worker: value,
});

/** Everything that can be set from one place while services run. Secrets and addresses stay in the environment. */
export const settingCatalog = {
  logLevel: define({
    schema: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).describe("The least that is logged"),
    defaults: ofAll("info" as const),
  }),
  traceSampleRatio: define({
    schema: ratio.describe("Share of the traces beginning here that are recorded"),
    defaults: ofAll(0.1),
  }),
  calls: define({
    schema: z
      .record(z.string().regex(/^[a-z][a-z.]{0,63}$/), CallSettingsJson)
      .describe("Deadlines, repeats, breakers and bounds of the calls to others, by target"),
    defaults: ofAll({}),
  }),
  callsPerCaller: define({
    schema: perMinute.describe("Calls of one caller in a minute; 0 is no limit"),
    defaults: { gateway: 30_000 },
  }),
  requestsPerAddress: define({
    schema: perMinute.describe("Requests from one address in a minute; 0 is no limit"),
    defaults: { gateway: 60_000 },
  }),
  latencyTargetMs: define({
    schema: z
      .int()
      .min(0)
      .max(10_000)
      .describe("Mean time of calls, in ms, above which fewer are taken at once and the others refused; 0 is no limit"),
    defaults: { gateway: 250 },
  }),
  lowStockThreshold: define({
    schema: z.int().min(0).max(1_000_000).describe("Available units at or below which stock is told to be low"),
    defaults: { inventory: 5 },
  }),
  jobConcurrency: define({
    schema: z
      .int()
      .min(1)
      .max(100)
      .describe("Jobs at once in each instance; a change lets those under way finish first"),
    defaults: { notify: 20, worker: 20 },
  }),
  smtpFailureRatio: define({
    schema: ratio.describe("Share of the mails that fail before they are sent, for demonstrations"),
    defaults: { notify: 0 },
    isDemonstration: true,
  }),
  carrierFailureRatio: define({
    schema: ratio.describe("Share of the calls that the simulated carrier fails, for demonstrations"),
    defaults: { worker: 0 },
    isDemonstration: true,
  }),
  carrierDispatchDelayMs: define({
    schema: z.int().min(0).max(maxDelayMs).describe("From the booking to the dispatch, for demonstrations"),
    defaults: { worker: 2_000 },
    isDemonstration: true,
  }),
  carrierDeliveryDelayMs: define({
    schema: z.int().min(0).max(maxDelayMs).describe("From the dispatch to the delivery, for demonstrations"),
    defaults: { worker: 2_000 },
    isDemonstration: true,
  }),
};

export type SettingName = keyof typeof settingCatalog;
export type Setting = { name: SettingName; schema: z.ZodType; default: unknown; isDemonstration: boolean };

/** Whom each service calls, by the names that its metrics show. */
export const callTargets: Record<SettingService, readonly string[]> = {
  gateway: ["order", "inventory", "notify", "worker"],
  order: ["inventory", "inventory.events", "worker.events"],
  inventory: ["order.events", "worker.events"],
  notify: ["order.events", "inventory.events"],
  worker: ["order", "order.events"],
};

/** What a service has to set. */
export function settingsOf(service: SettingService): Setting[] {
  return Object.entries(settingCatalog as Record<string, Definition>).flatMap(([name, definition]) => {
    const fallback = definition.defaults[service];
    if (fallback === undefined) return [];
    const { schema, isDemonstration = false } = definition;
    return [{ name: name as SettingName, schema, default: fallback, isDemonstration }];
  });
}

function define<Schema extends z.ZodType>(definition: Definition<Schema>): Definition<Schema> {
  return definition;
}
