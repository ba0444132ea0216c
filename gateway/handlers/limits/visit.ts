import type { RequestScope } from "@orderflow/common/http/request-scope";
import type { AnyCaller } from "../authentication/resolve-caller.ts";
import type { RateLimits, Usage } from "./rate-limits.ts";
import { TooMany } from "./too-many.ts";

/** A request at the edge: its ids, where it came from, and what it used up of its limits so far. */
export type Visit = RequestScope & {
  /** The client's, or that of the last one before our proxies. */
  address: string;
  /** As it is counted: an IPv4 address or an IPv6 network. */
  addressKey: string;
  usages: Usage[];
};

/** Counts a request of this address. Throws TooMany past the limit. */
export async function countRequest(visit: Visit, limits: RateLimits): Promise<void> {
  note(visit, await limits.countRequest(visit.addressKey));
}

/** Counts the calls of a request whose caller is known. Throws TooMany past the limit. */
export async function countCalls(
  visit: Visit,
  limits: RateLimits,
  { caller, calls }: { caller: AnyCaller; calls: number },
): Promise<void> {
  note(visit, await limits.countCalls(keyOf(caller, visit), calls));
}

/** Keys are counted each for itself, so that a program that runs wild does not lock its owner out. */
function keyOf({ role, id, apiKey }: AnyCaller, { addressKey }: Visit): string {
  if (apiKey) return `key:${apiKey.id}`;
  return role === "nobody" ? `address:${addressKey}` : `user:${id}`;
}

function note(visit: Visit, { usage, isOver }: { usage: Usage | undefined; isOver: boolean }): void {
  if (!usage) return;
  visit.usages.push(usage);
  if (isOver) throw new TooMany(usage);
}
