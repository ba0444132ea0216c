import type { Role } from "@orderflow/common/auth/caller";
import { callerHeaders } from "@orderflow/tools/testing/caller-headers";
import { createTRPCClient, httpLink, TRPCClientError } from "@trpc/client";
import { openApi } from "../api.ts";
import type { InventoryRouter } from "../handlers/router.ts";
import { aContext } from "./a-context.ts";

/** The service's HTTP door on a database of its own, with a client for each role. */
export async function anApi() {
  const shop = await aContext();
  const door = await openApi(shop.context);
  return {
    ...shop,
    door,
    nobody: await clientOf(door.url, "nobody"),
    customer: await clientOf(door.url, "customer"),
    operator: await clientOf(door.url, "operator"),
    async close() {
      await door.close();
      await shop.drop();
    },
  };
}

export async function clientOf(url: string, role: Role) {
  const headers = await callerHeaders(role);
  return createTRPCClient<InventoryRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] });
}

export type Refused = { code: string; reason: string | undefined; fields: string[] };

/** How a call was refused. Throws when it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<Refused> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    return { code: error.data?.code, reason: error.data?.reason, fields: Object.keys(error.data?.fields ?? {}) };
  }
  throw new Error("the call was not refused");
}
