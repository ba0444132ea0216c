import type { Caller } from "@orderflow/common/auth/caller";
import { transact } from "@orderflow/common/database/connect-database";
import { appendEvents } from "@orderflow/common/messaging/append";
import { createGroupCommit } from "@orderflow/common/messaging/group-commit";
import type { Publisher } from "@orderflow/common/messaging/publisher";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { currentTrace } from "@orderflow/common/observability/tracing";
import type { SQL, TransactionSQL } from "bun";
import type { ProductView } from "../domain/product-view.ts";
import { openShelves } from "../domain/shelves.ts";
import { type Decide, decideKeyed, type KeyedChange } from "./decide-keyed.ts";
import { answerKeys, giveUpKeys, type KeyedRequest, takeKeys } from "./idempotency-keys.ts";
import { loadShelves } from "./load-shelves.ts";
import { ProductCreatedMeanwhile, saveChange } from "./save-change.ts";

export type Asked = { caller: Caller; operation: string; input: { idempotencyKey: string; sku: string } };

export type ProductChanges = {
  /**
   * Changes a product or its stock once per idempotency key, and answers the product as it is after that.
   * @throws Refusal of `decide`, with nothing stored, or idempotency_key_reused; Unavailable when too many wait.
   */
  change(asked: Asked, decide: Decide): Promise<ProductView>;
};

type Options = { sql: SQL; publisher: Publisher; metrics: Metrics; lowStockThreshold: () => number; now: () => Date };

/** Calls that arrive while a batch commits form the next one: see createGroupCommit. */
export function createProductChanges(options: Options): ProductChanges {
  const { publisher, metrics, now } = options;
  const commit = createGroupCommit<KeyedChange, ProductView>({
    name: "product-changes",
    metrics,
    run: async (batch) => {
      const { answers, events } = await commitOrDecideAgain(options, batch);
      publisher.publish(events);
      return answers;
    },
  });

  return {
    change: ({ caller, operation, input }, decide) => {
      const { idempotencyKey, sku } = input;
      const { traceparent, correlationId } = currentTrace();
      return commit({
        callerId: caller.id,
        key: idempotencyKey.toLowerCase(),
        hash: new Bun.CryptoHasher("sha256")
          .update(JSON.stringify([operation, { ...input, idempotencyKey: undefined }]))
          .digest("base64"),
        sku,
        decide,
        cause: { id: idempotencyKey, actor: caller.id, at: now() },
        trace: { traceparent, correlationId },
      });
    },
  };
}

type Committed = { answers: (ProductView | Error)[]; events: Awaited<ReturnType<typeof appendEvents>> };

/** A SKU that another process creates at the same moment cannot be locked beforehand; the second look finds it. */
async function commitOrDecideAgain(options: Options, batch: KeyedChange[]): Promise<Committed> {
  try {
    return await transact(options.sql, (tx) => commitBatch(tx, options, batch));
  } catch (error) {
    if (error instanceof ProductCreatedMeanwhile)
      return await transact(options.sql, (tx) => commitBatch(tx, options, batch));
    throw error;
  }
}

async function commitBatch(tx: TransactionSQL, options: Options, batch: KeyedChange[]): Promise<Committed> {
  const known = await takeKeys<ProductView>(tx, batch.map(toRequest));
  const skus = batch.map(({ sku }) => sku);
  const content = await loadShelves(tx, { skus, orderIds: [], locksProducts: true });
  const shelves = openShelves({ ...content, lowStockThreshold: options.lowStockThreshold() });

  const { answers, answered, refused } = decideKeyed(shelves, batch, known);
  const change = shelves.changed();
  await saveChange(tx, change, options.now());
  await answerKeys(
    tx,
    answered.map(({ request, answer }) => ({ ...toRequest(request), response: answer })),
  );
  await giveUpKeys(tx, refused.map(toRequest));
  const events = change.facts.length > 0 ? await appendEvents(tx, change.facts) : [];
  return { answers, events };
}

function toRequest({ callerId, key, hash }: KeyedRequest): KeyedRequest {
  return { callerId, key, hash };
}
