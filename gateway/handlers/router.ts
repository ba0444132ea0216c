import type { ComposeRouters } from "@orderflow/common/trpc/compose";
import type { InventoryRouter } from "@orderflow/inventory/router";
import type { NotifyRouter } from "@orderflow/notify/router";
import type { OrderRouter } from "@orderflow/order/router";
import type { WorkerRouter } from "@orderflow/worker/router";
import type { AccountRouter } from "./account/router.ts";
import type { SettingsRouter } from "./settings/router.ts";

/** Everything that can be asked at the gateway: `order.place`, `inventory.search`, … A type only: nothing of a service runs here. */
export type AppRouter = ComposeRouters<{
  account: AccountRouter;
  settings: SettingsRouter;
  order: OrderRouter;
  inventory: InventoryRouter;
  notify: NotifyRouter;
  worker: WorkerRouter;
}>;
