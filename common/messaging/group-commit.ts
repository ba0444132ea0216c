import { type Deadline, withDeadline } from "../database/deadline.ts";
import { isFault } from "../database/sql-error.ts";
import { Unavailable } from "../errors.ts";
import type { Metrics } from "../observability/metrics.ts";
import { currentDeadline, pastDeadline, underOwnDeadline } from "../resilience/deadline.ts";

type Options<Item, Answer> = {
  name: string;
  /** Answers a batch in the order of its items. An answer that is an Error refuses that item alone. */
  run: (items: Item[]) => Promise<(Answer | Error)[]>;
  /** Batches under way at once. Writers of one stream commit one after another, so more than two only queue at its row. */
  lanes?: number;
  maxBatch?: number;
  maxQueue?: number;
  metrics?: Metrics;
  /** Of one `run`. Past it the process exits: a lane that waits for ever would keep all that comes later. */
  deadline?: Partial<Deadline>;
};

type Waiting<Item, Answer> = {
  item: Item;
  /** When its caller stops waiting. */
  deadlineAt: number;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200];
const retryAfterS = 1;
/** A look-up of 8 s, a call to a neighbour and a transaction of 10 s at most have room in it. */
const runDeadlineMs = 25_000;

/**
 * What arrives while the lanes are busy forms the next batch: no timer, and no delay when idle. A batch that fails is
 * halved to find the culprit, so that no item fails for its neighbour; a fault fails the whole batch at once.
 *
 * @throws Unavailable past `maxQueue` waiting items, or when the database is away.
 */
export function createGroupCommit<Item, Answer>(options: Options<Item, Answer>): (item: Item) => Promise<Answer> {
  const { name, run, lanes = 2, maxBatch = 200, maxQueue = 10_000, metrics, deadline } = options;
  const batches = metrics?.histogram("group_commit_batch_items", "Items committed together", batchBuckets, ["name"]);
  const queued = metrics?.gauge("group_commit_queued_items", "Items waiting for a lane", ["name"]);
  let waiting: Waiting<Item, Answer>[] = [];
  let busyLanes = 0;
  let isScheduled = false;

  async function answer(batch: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const limit = { name: `A batch of ${name}`, ms: runDeadlineMs, ...deadline };
      const answers = await withDeadline(run(batch.map(({ item }) => item)), limit);
      if (answers.length !== batch.length)
        throw new Error(`${name} answered ${answers.length} of ${batch.length} items`);
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answered = answers[index] as Answer | Error;
        if (answered instanceof Error) reject(answered);
        else resolve(answered);
      }
    } catch (error) {
      if (isFault(error) || error instanceof Unavailable) rejectAll(batch, asUnavailable(error));
      else if (batch.length === 1) rejectAll(batch, error);
      else await answerHalves(batch);
    }
  }

  async function answerHalves(batch: Waiting<Item, Answer>[]): Promise<void> {
    const half = batch.length >> 1;
    await answer(batch.slice(0, half));
    await answer(batch.slice(half));
  }

  async function runLane(): Promise<void> {
    isScheduled = false;
    if (busyLanes >= lanes || waiting.length === 0) return;
    busyLanes++;
    const batch = inTime(waiting.slice(0, maxBatch));
    waiting = waiting.slice(maxBatch);
    queued?.set({ name }, waiting.length);
    batches?.observe({ name }, batch.length);
    if (waiting.length > 0) schedule();
    // As long as somebody in it waits.
    const deadlineAt = batch.reduce((latest, each) => Math.max(latest, each.deadlineAt), 0);
    if (batch.length > 0) await underOwnDeadline(deadlineAt, () => answer(batch));
    busyLanes--;
    schedule();
  }

  // One turn of the event loop lets all calls that have already arrived join the batch.
  function schedule(): void {
    if (isScheduled || busyLanes >= lanes || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(() => void runLane());
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxQueue) {
        reject(new Unavailable("overloaded", `${maxQueue} calls are waiting already`, { retryAfterS }));
        return;
      }
      waiting.push({ item, deadlineAt: currentDeadline(), resolve, reject });
      queued?.set({ name }, waiting.length);
      schedule();
    });
}

/** Those that somebody still waits for; the others are refused, and nothing of them is done. */
function inTime<Item, Answer>(batch: Waiting<Item, Answer>[]): Waiting<Item, Answer>[] {
  const now = performance.now();
  const late = batch.filter(({ deadlineAt }) => deadlineAt <= now);
  rejectAll(late, pastDeadline());
  return late.length === 0 ? batch : batch.filter(({ deadlineAt }) => deadlineAt > now);
}

function rejectAll<Item, Answer>(batch: Waiting<Item, Answer>[], error: unknown): void {
  for (const { reject } of batch) reject(error);
}

function asUnavailable(error: unknown): Unavailable {
  if (error instanceof Unavailable) return error;
  return new Unavailable(
    "dependency_unavailable",
    "The database cannot be reached, or the outcome is not known: ask again with the same key",
    {
      retryAfterS,
      cause: error,
    },
  );
}
