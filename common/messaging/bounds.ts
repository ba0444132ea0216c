/** What one event may hold, as JSON. Past it the append is refused. */
export const maxEventBytes = 262_144;
/** What one MQTT message may hold: the events of one commit, or a part of them. */
export const maxMessageEvents = 50;
export const maxMessageBytes = 524_288;
/** What one page of a stream may hold when it is read from its producer. */
export const maxPageEvents = 500;
export const maxPageBytes = 4_194_304;
/** What a consumer applies in one transaction, and what it holds of what MQTT brought ahead of its cursor. */
export const maxBatchEvents = 500;
export const maxHeldEvents = 5_000;
/** How long events may wait for others, to share a transaction: those that somebody waits for, and those nobody does. */
export const gatherMs = 50;
export const unhurriedGatherMs = 100;
/** How many events back a consumer remembers which ones it applied, and how often older ones are forgotten. */
export const maxTrailEvents = 100_000;
export const trailPruneEvents = 1_000;
