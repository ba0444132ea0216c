import { Refusal } from "@orderflow/common/errors";
import type { Trace } from "@orderflow/common/messaging/event";
import type { Cause, Change } from "../domain/change.ts";
import { type ProductView, toProductView } from "../domain/product-view.ts";
import type { OpenShelves, Shelves } from "../domain/shelves.ts";
import { type Answered, answerTo, type KeyedRequest, keyOf } from "./idempotency-keys.ts";

export type Decide = (shelves: Shelves, cause: Cause) => Change;
export type KeyedChange = KeyedRequest & { sku: string; decide: Decide; cause: Cause; trace: Trace };

type Decided = {
  /** One for each of the batch, in its order. */
  answers: (ProductView | Refusal)[];
  /** What was decided now, under a key that was free. */
  answered: { request: KeyedChange; answer: ProductView }[];
  refused: KeyedChange[];
};

/** Decides a batch one by one. A key that is known, or comes twice in the batch, is decided once. */
export function decideKeyed(
  shelves: OpenShelves,
  batch: KeyedChange[],
  known: ReadonlyMap<string, Answered<ProductView>>,
): Decided {
  const answers = new Map(known);
  const decided: Decided = { answers: [], answered: [], refused: [] };
  for (const request of batch) {
    const earlier = answers.get(keyOf(request));
    const answer = refusalOr(() => (earlier ? answerTo(request, earlier) : decideOne(shelves, request)));
    decided.answers.push(answer);
    if (earlier) continue;
    if (answer instanceof Refusal) {
      decided.refused.push(request);
    } else {
      decided.answered.push({ request, answer });
      answers.set(keyOf(request), { hash: request.hash, answer });
    }
  }
  return decided;
}

function decideOne(shelves: OpenShelves, { sku, decide, cause, trace }: KeyedChange): ProductView {
  const change = decide(shelves, cause);
  shelves.put({ ...change, facts: change.facts.map((fact) => ({ ...fact, ...trace })) });
  const product = shelves.product(sku);
  const stock = shelves.stock(sku);
  if (!product || !stock) throw new Error(`the decision left no product ${sku}`);
  return toProductView(product, stock);
}

/** A refusal is the answer to one request and must not fail the batch. */
function refusalOr<T>(decide: () => T): T | Refusal {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
