import { z } from "zod";

const whole = (min: number, max: number) => z.int().min(min).max(max);

/** What is given of a target's settings. */
export const CallSettingsJson = z
  .object({
    /** For a call with all its attempts. A shorter deadline of the caller's comes first. */
    timeoutMs: whole(10, 60_000),
    /** Attempts at what may be asked twice; 1 never repeats. */
    maxAttempts: whole(1, 5),
    /** Repeats allowed per call on average, over the last hundred or so. */
    retryRatio: z.number().min(0).max(1),
    /** Before the first repeat; the wait doubles, and is drawn at random below that. */
    retryDelayMs: whole(1, 5_000),
    /** Calls without an answer, one after another, that open the breaker. */
    breakerFailures: whole(1, 1_000),
    /** How long an open breaker refuses before it lets one call try. */
    breakerOpenMs: whole(100, 60_000),
    maxConcurrent: whole(1, 10_000),
    /** Past it callers are refused. */
    maxQueued: whole(0, 10_000),
  })
  .partial()
  .strict();

type GivenSettings = z.output<typeof CallSettingsJson>;

export type CallSettings = { [Name in keyof GivenSettings]-?: NonNullable<GivenSettings[Name]> };

/** By target, such as `inventory` or `inventory.events`; what is left out keeps its default. */
export const CallSettingsByTarget = z.record(z.string().regex(/^[a-z][a-z.]{0,63}$/), CallSettingsJson);

export type CallSettingsByTarget = z.output<typeof CallSettingsByTarget>;

export const defaultCallSettings: CallSettings = {
  timeoutMs: 5_000,
  maxAttempts: 3,
  retryRatio: 0.2,
  retryDelayMs: 10,
  breakerFailures: 5,
  breakerOpenMs: 1_000,
  maxConcurrent: 200,
  maxQueued: 1_000,
};

/** Settings that may change while the process runs. */
export type LiveSettings = {
  current(): CallSettings;
  /** Takes effect with the next call. Throws a ZodError and changes nothing when a value is out of its bounds. */
  change(changes: Partial<CallSettings>): void;
  onChange(listener: (settings: CallSettings) => void): void;
};

export function liveSettings(...given: Partial<CallSettings>[]): LiveSettings {
  let settings: CallSettings = Object.assign({}, defaultCallSettings, ...given);
  const listeners: ((settings: CallSettings) => void)[] = [];
  return {
    current: () => settings,
    change(changes) {
      settings = { ...settings, ...withoutUndefined(CallSettingsJson.parse(changes)) };
      for (const listener of listeners) listener(settings);
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

function withoutUndefined(changes: GivenSettings): Partial<CallSettings> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
