import { change, rollBack } from "./change.ts";
import { get, list } from "./get.ts";
import { compare, history } from "./history.ts";
import { router } from "./trpc.ts";

/** The settings of all services, which the gateway keeps and tells them. */
export const settingsRouter = router({ get, list, history, compare, change, rollBack });
export type SettingsRouter = typeof settingsRouter;
