import { compareApis } from "./compare-apis.ts";
import { compareEvents } from "./compare-events.ts";
import type { Contracts } from "./current-contracts.ts";

/** Everything that breaks a client or a listener, each in a line. */
export function compareContracts(before: Contracts, after: Contracts): string[] {
  const apis = Object.entries(before.apis).flatMap(([service, was]) => {
    const is = after.apis[service];
    if (is === undefined) return [`${service}: the whole API was removed`];
    return compareApis(was, is);
  });
  return [...apis, ...compareEvents(before.events, after.events)];
}
