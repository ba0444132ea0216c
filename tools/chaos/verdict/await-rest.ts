import { type Books, withBooks } from "./open-books.ts";

export type Unrest = { orders: number; events: number; jobs: number; exhaustedJobs: number; mails: number };

type Options = { adminUrl: string; timeoutMs: number; say: (text: string) => void };

const lookMs = 1_000;
const sayMs = 10_000;

/** Waits until nothing is on its way any more. Answers what still is when the time is up, and how long it took. */
export async function awaitRest({ adminUrl, timeoutMs, say }: Options): Promise<{ left: Unrest; elapsedMs: number }> {
  const startedAt = performance.now();
  let saidAt = startedAt;
  return await withBooks(adminUrl, async (books) => {
    for (;;) {
      const left = await look(books).catch(() => undefined);
      const elapsedMs = performance.now() - startedAt;
      if (left && isAtRest(left)) return { left, elapsedMs };
      if (elapsedMs > timeoutMs) return { left: left ?? nothingKnown, elapsedMs };
      if (performance.now() - saidAt > sayMs) {
        saidAt = performance.now();
        say(`waiting for rest: ${JSON.stringify(left)}`);
      }
      await Bun.sleep(lookMs);
    }
  });
}

const nothingKnown: Unrest = { orders: -1, events: -1, jobs: -1, exhaustedJobs: -1, mails: -1 };

function isAtRest({ orders, events, jobs, mails }: Unrest): boolean {
  return orders === 0 && events === 0 && jobs === 0 && mails === 0;
}

async function look(books: Books): Promise<Unrest> {
  const [orders] = await books.order<{ count: number }[]>`
    select count(*)::int as count from customer_order where status in ('pending', 'confirmed', 'shipped')`;
  const [mails] = await books.notify<
    { count: number }[]
  >`select count(*)::int as count from delivery where status = 'pending'`;
  const jobs = [...(await jobsOf(books.worker)), ...(await jobsOf(books.notify))];
  return {
    orders: orders?.count ?? 0,
    mails: mails?.count ?? 0,
    events: await unread(books),
    jobs: jobs.filter((job) => !job.isExhausted).length,
    exhaustedJobs: jobs.filter((job) => job.isExhausted).length,
  };
}

function jobsOf(sql: Books["worker"]) {
  return sql<{ isExhausted: boolean }[]>`
    select attempts >= max_attempts as "isExhausted" from graphile_worker.jobs
    where task_identifier <> 'prune-idempotency-keys'`;
}

async function unread(books: Books): Promise<number> {
  const heads = new Map<string, number>();
  for (const sql of [books.order, books.inventory, books.worker]) {
    for (const { name, head } of await sql<{ name: string; head: string }[]>`select name, head from stream`)
      heads.set(name, Number(head));
  }
  let count = 0;
  for (const sql of Object.values(books)) {
    for (const { stream, position } of await sql<
      { stream: string; position: string }[]
    >`select stream, position from cursor`)
      count += Math.max(0, (heads.get(stream) ?? 0) - Number(position));
  }
  return count;
}
