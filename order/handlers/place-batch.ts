import { Refusal, Unavailable } from "@orderflow/common/errors";
import type { StockLine } from "@orderflow/common/events/values";
import type { Trace } from "@orderflow/common/messaging/event";
import { withSpan } from "@orderflow/common/observability/tracing";
import type { Order } from "../domain/order.ts";
import type { PricedOrder } from "../domain/place-order.ts";
import { priceLines, type Quote } from "../domain/price-lines.ts";
import type { Inventory } from "../providers/inventory.ts";
import { type KeyedRequest, keyOf } from "../repositories/idempotency-keys.ts";
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
    const decided = await decideAll(open);
    const placed = await placeAll(open.map((call) => decided.get(call)).filter(isPlacement));
    const contested = open.filter((call) => !decided.has(call));
    const settled = await orders.answerMany(contested.map((call) => call.request));

    return calls.map((call, index) => {
      const outcome = decided.get(call);
      const earlier = answered[index] ?? settled[contested.indexOf(call)];
      const answer = earlier ?? (isPlacement(outcome) ? placed.get(outcome) : outcome);
      if (!answer) throw new Error(`The call ${call.request.key} has no answer`);
      return answer;
    });
  }

  async function placeAll(shared: Placement[]): Promise<Map<Placement, Order | Refusal | undefined>> {
    const placements = [...new Set(shared)];
    if (placements.length === 0) return new Map();
    const placed = await orders.placeMany(placements);
    return new Map(placements.map((placement, index) => [placement, placed[index]]));
  }

  async function decideAll(calls: PlaceCall[]): Promise<Map<PlaceCall, Placement | Error>> {
    if (calls.length === 0) return new Map();
    try {
      const skus = new Set(calls.flatMap((call) => call.draft.lines.map((line) => line.sku)));
      const quotes = await inventory.quote([...skus]);
      return decidePlacements(calls, new Map(quotes.map((quote) => [quote.sku, quote])));
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return new Map(calls.map((call) => [call, error]));
    }
  }

  return (calls) => {
    const attributes = { "orderflow.batch.size": calls.length };
    const links = calls.map((call) => call.trace);
    return withSpan("order.place batch", { attributes, links, trace: links[0] }, () => placeBatch(calls));
  };
}

function isPlacement(outcome: Placement | Error | undefined): outcome is Placement {
  return outcome !== undefined && !(outcome instanceof Error);
}

/**
 * A key twice in the batch is decided once, and the same request shares the placement. Another request under an accepted
 * key is left out: only the commit tells which of them has the key, as a third may win it.
 */
function decidePlacements(calls: PlaceCall[], quotes: Map<string, Quote>): Map<PlaceCall, Placement | Error> {
  const accepted = new Map<string, Placement>();
  const decided = new Map<PlaceCall, Placement | Error>();
  for (const call of calls) {
    const earlier = accepted.get(keyOf(call.request));
    if (earlier && earlier.request.hash !== call.request.hash) continue;
    const outcome = earlier ?? priceCall(call, quotes);
    if (isPlacement(outcome)) accepted.set(keyOf(call.request), outcome);
    decided.set(call, outcome);
  }
  return decided;
}

function priceCall({ request, draft, trace }: PlaceCall, quotes: Map<string, Quote>): Placement | Refusal {
  try {
    return { request, trace, priced: { ...draft, lines: priceLines(draft.lines, quotes) } };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
