import { withSpan } from "@orderflow/common/observability/tracing";
import { type Carrier, CarrierUnavailable } from "./carrier.ts";

/** Any carrier, with a deadline and a span for each call, and no error of its own past this door. */
export function boundedCarrier(carrier: Carrier, { timeoutMs }: { timeoutMs: number }): Carrier {
  return {
    book: (request) => bounded("book", timeoutMs, () => carrier.book(request)),
    dispatch: (booking) => bounded("dispatch", timeoutMs, () => carrier.dispatch(booking)),
    cancel: (idempotencyKey) => bounded("cancel", timeoutMs, () => carrier.cancel(idempotencyKey)),
  };
}

async function bounded<T>(name: string, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  let timer: Timer | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new CarrierUnavailable(`The carrier did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await withSpan(`carrier ${name}`, { kind: "client", attributes: { "peer.service": "carrier" } }, () =>
      Promise.race([call(), deadline]),
    );
  } catch (error) {
    if (error instanceof CarrierUnavailable) throw error;
    throw new CarrierUnavailable(`The carrier could not ${name}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
