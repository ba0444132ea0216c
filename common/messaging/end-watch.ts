import type { HeardHead } from "../discovery/heard-heads.ts";
import type { Cursor } from "./cursor.ts";

/** How soon the producer is asked anew where its stream ends, when nobody has told. */
const askEveryMs = 1_000;
const askWithoutBrokerEveryMs = 250;
/** An instance tells every two seconds. */
const toldIsGoodForMs = 2_500;
/** However often it is told: by the question the producer learns how far this reader is. */
const maxUnaskedMs = 10_000;

export type EndWatch = ReturnType<typeof createEndWatch>;

type Options = {
  /** What an instance of the producer said last of its stream's end. */
  told: () => HeardHead | undefined;
  isBrokerAway: () => boolean;
  /** When the broker was connected last: what was said before that says nothing of what was missed since. */
  connectedAtMs: () => number;
  nowMs?: () => number;
};

/**
 * Knows when a consumer that has nothing to apply must ask the producer whether there is more. As long as the producer
 * tells through the broker that the cursor stands at the end, that is seldom.
 */
export function createEndWatch({ told, isBrokerAway, connectedAtMs, nowMs = () => performance.now() }: Options) {
  let askedAtMs = Number.NEGATIVE_INFINITY;

  /** When the producer said that the stream ends at this cursor. */
  function confirmedAtMs(cursor: Cursor): number {
    const head = told();
    const counts = head !== undefined && !isBrokerAway() && askedAtMs > connectedAtMs() && isAt(head, cursor);
    return counts ? head.heardAtMs : Number.NEGATIVE_INFINITY;
  }

  return {
    /** To be called before the producer is asked. */
    asks(): void {
      askedAtMs = nowMs();
    },

    /** Until the producer must be asked; 0 or less: now. */
    dueInMs(cursor: Cursor): number {
      const byAsking = askedAtMs + (isBrokerAway() ? askWithoutBrokerEveryMs : askEveryMs);
      const byHearing = Math.min(confirmedAtMs(cursor) + toldIsGoodForMs, askedAtMs + maxUnaskedMs);
      return Math.max(byAsking, byHearing) - nowMs();
    },

    /** Whether the producer has told, since it was asked, of an end that this cursor does not stand at and has not passed. */
    isBehind(cursor: Cursor): boolean {
      const head = told();
      if (!head || head.heardAtMs <= askedAtMs || head.position < cursor.position) return false;
      return !isAt(head, cursor);
    },
  };
}

/** An end before the cursor is old news, or a history rewound: asking tells which. */
function isAt(head: HeardHead, cursor: Cursor): boolean {
  const isSameLog = cursor.logId === null || cursor.logId === head.logId;
  return head.position === cursor.position && head.id === cursor.eventId && isSameLog;
}
