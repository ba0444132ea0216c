import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import { Refusal } from "@orderflow/common/errors";
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

type Options = { peers: Pick<Peers, "target">; signer: TokenSigner };

/** Rejects with Unavailable when order does not answer within 3 s. */
export function createOrderDesk({ peers, signer }: Options): OrderDesk {
  const order = createInternalClient<OrderInternalRouter>({
    target: peers.target({ service: "order", settings: { timeoutMs } }),
    signer,
    issuer: "worker",
    safe: ["fulfilment.authorizeDispatch"],
  });
  return {
    async authorizeDispatch(orderId) {
      try {
        const { authorizedAt } = await order.fulfilment.authorizeDispatch.mutate({ orderId });
        return new Date(authorizedAt);
      } catch (error) {
        if (error instanceof Refusal && error.reason === "order_not_confirmed") return undefined;
        throw error;
      }
    },
  };
}
