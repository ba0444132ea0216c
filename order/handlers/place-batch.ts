import { Refusal, Unavailable } from "@orderflow/common/errors";
import type { StockLine } from "@orderflow/common/events/values";
import type { Trace } from "@orderflow/common/messaging/event";
import { withSpan } from "@orderflow/common/observability/tracing";
import type { Order } from "../domain/order.ts";
import type { PricedOrder } from "../domain/place-order.ts";
import { priceLines, type Quote } from "../domain/price-lines.ts";
import type { Inventory } from "../providers/inventory.ts";
import { type KeyedRequest, keyOf, keyReused } from "../repositories/idempotency-keys.ts";
import type { OrderRepository } from "../repositories/order-repository.ts";
import type { Placement } from "../repositories/place-many.ts";

export type PlaceCall = {
  request: KeyedRequest;
  draft: Omit<PricedOrder, "lines"> & { lines: StockLine[] };
  trace: Trace;
};

type Options = { orders: Pick<OrderRepository, "answerMany" | "placeMany">; inventory: Inventory };

/**
 * Answers the calls of a batch, in their order, with one quote and one commit; an Error refuses its call alone.
 * Keys come before the quote: a retry is answered although its stock is gone by now, or inventory is away.
 */
export function createPlaceBatch({ orders, inventory }: Options): (calls: PlaceCall[]) => Promise<(Order | Error)[]> {
  async function placeBatch(calls: PlaceCall[]): Promise<(Order | Error)[]> {
    const answered = await orders.answerMany(calls.map((call) => call.request));
    const open = calls.filter((_, index) => answered[index] === undefined);
    const decided = new Map(await decideAll(open));
    const placements = [...new Set([...decided.values()].filter(isPlacement))];
    const placed = placements.length > 0 ? await orders.placeMany(placements) : [];
    const orderOf = new Map(placements.map((placement, index) => [placement, placed[index]]));

    return calls.map((call, index) => {
      const outcome = decided.get(call);
      const answer = outcome instanceof Error ? outcome : (answered[index] ?? (outcome && orderOf.get(outcome)));
      if (!answer) throw new Error(`The call ${call.request.key} has no answer`);
      return answer;
    });
  }

  async function decideAll(calls: PlaceCall[]): Promise<[PlaceCall, Placement | Error][]> {
    if (calls.length === 0) return [];
    try {
      const skus = new Set(calls.flatMap((call) => call.draft.lines.map((line) => line.sku)));
      const quotes = await inventory.quote([...skus]);
      return decidePlacements(calls, new Map(quotes.map((quote) => [quote.sku, quote])));
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return calls.map((call) => [call, error]);
    }
  }

  return (calls) => {
    const attributes = { "orderflow.batch.size": calls.length };
    const links = calls.map((call) => call.trace);
    return withSpan("order.place batch", { attributes, links, trace: links[0] }, () => placeBatch(calls));
  };
}

function isPlacement(outcome: Placement | Error): outcome is Placement {
  return !(outcome instanceof Error);
}

/** A key twice in the batch is decided once: the same request shares the placement, another one is refused. */
function decidePlacements(calls: PlaceCall[], quotes: Map<string, Quote>): [PlaceCall, Placement | Error][] {
  const accepted = new Map<string, Placement>();
  return calls.map((call) => {
    const earlier = accepted.get(keyOf(call.request));
    if (earlier) return [call, earlier.request.hash === call.request.hash ? earlier : keyReused()];
    const outcome = priceCall(call, quotes);
    if (!(outcome instanceof Error)) accepted.set(keyOf(call.request), outcome);
    return [call, outcome];
  });
}

function priceCall({ request, draft, trace }: PlaceCall, quotes: Map<string, Quote>): Placement | Refusal {
  try {
    return { request, trace, priced: { ...draft, lines: priceLines(draft.lines, quotes) } };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
