import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import { Refusal } from "@orderflow/common/errors";
import { createInternalClient } from "@orderflow/common/trpc/internal-client";
import type { OrderInternalRouter } from "@orderflow/order/router";

/** Whoever knows whether an order may still be shipped. */
export type OrderDesk = {
  /** True from the moment the order can no longer be cancelled; false when it is not, or no longer, confirmed. */
  authorizeDispatch(orderId: string): Promise<boolean>;
};

const timeoutMs = 3_000;

/** Rejects with Unavailable when order does not answer within 3 s. */
export function createOrderDesk({ url, signer }: { url: string; signer: TokenSigner }): OrderDesk {
  const order = createInternalClient<OrderInternalRouter>({
    url,
    audience: "order",
    signer,
    issuer: "worker",
    timeoutMs,
  });
  return {
    async authorizeDispatch(orderId) {
      try {
        await order.fulfilment.authorizeDispatch.mutate({ orderId });
        return true;
      } catch (error) {
        if (error instanceof Refusal && error.reason === "order_not_confirmed") return false;
        throw error;
      }
    },
  };
}
