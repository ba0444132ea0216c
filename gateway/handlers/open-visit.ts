import type { RequestScope } from "@orderflow/common/http/request-scope";
import { addressKey, clientAddress, type TrustedProxies } from "../domain/address.ts";
import { isAddress } from "./limits/address-ranges.ts";
import type { Visit } from "./limits/visit.ts";

type Source = {
  request: Request;
  scope: RequestScope;
  /** The other end of the connection; undefined when it is gone already. */
  peer: string | undefined;
  proxies: TrustedProxies;
};

const unknownAddress = "unknown";

/** A request that has come in, with nothing counted yet. */
export function openVisit({ request, scope, peer, proxies }: Source): Visit {
  const address =
    peer === undefined
      ? unknownAddress
      : clientAddress({ peer, forwardedFor: request.headers.get("x-forwarded-for") }, proxies, isAddress);
  return { ...scope, address, addressKey: addressKey(address), usages: [] };
}
