import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import { isRefusalReason, Refusal } from "@orderflow/common/errors";
import type { Trace } from "@orderflow/common/messaging/event";
import { createGroupCommit } from "@orderflow/common/messaging/group-commit";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { isRecorded } from "@orderflow/common/observability/trace-scope";
import { currentTrace, withSpan } from "@orderflow/common/observability/tracing";
import type { Peers } from "@orderflow/common/resilience/peers";
import { createInternalClient } from "@orderflow/common/trpc/internal-client";
import type { OrderInternalRouter } from "@orderflow/order/router";

/** Whoever knows whether an order may still be shipped. */
export type OrderDesk = {
  /**
   * Since when the order can no longer be cancelled; undefined when it is cancelled or rejected. Rejects when order
   * cannot tell: it is away, or was restored from an older copy and has not heard again what it knew of the order.
   */
  authorizeDispatch(orderId: string): Promise<Date | undefined>;
};

const timeoutMs = 3_000;

const maxOrders = 50;

type Options = { peers: Pick<Peers, "target">; signer: TokenSigner; metrics?: Metrics };
type Asked = { orderId: string; trace: Trace };

/** Rejects with Unavailable when order does not answer within 3 s. What is asked at the same time is one call. */
export function createOrderDesk({ peers, signer, metrics }: Options): OrderDesk {
  const { fulfilment } = createInternalClient<OrderInternalRouter>({
    target: peers.target({ service: "order", settings: { timeoutMs } }),
    signer,
    issuer: "worker",
    safe: ["fulfilment.authorizeDispatch", "fulfilment.authorizeDispatches"],
  });
  const askOne = async (orderId: string) => (await fulfilment.authorizeDispatch.mutate({ orderId })).authorizedAt;
  const askMany = async (asked: Asked[]): Promise<(string | Error)[]> => {
    const answers = await fulfilment.authorizeDispatches.mutate({ orderIds: asked.map(({ orderId }) => orderId) });
    return answers.map((answer) => ("refusal" in answer ? refusalOf(answer.refusal) : answer.authorizedAt));
  };
  const ask = createGroupCommit<Asked, string>({
    name: "dispatch authorizations",
    maxBatch: maxOrders,
    ...(metrics && { metrics }),
    async run(asked) {
      const [first, second] = asked;
      if (!first) return [];
      if (!second) return [await askOne(first.orderId)];
      const links = asked.map(({ trace }) => trace);
      const trace = links.find(({ traceparent }) => isRecorded(traceparent)) ?? first.trace;
      return withSpan("authorize dispatches", { links, trace }, () => askMany(asked));
    },
  });
  return {
    async authorizeDispatch(orderId) {
      try {
        return new Date(await ask({ orderId, trace: currentTrace() }));
      } catch (error) {
        if (error instanceof Refusal && error.reason === "order_not_confirmed") return undefined;
        throw error;
      }
    },
  };
}

function refusalOf({ reason, message }: { reason: string; message: string }): Error {
  return isRefusalReason(reason) ? new Refusal(reason, message) : new Error(`order refused with ${reason}: ${message}`);
}
