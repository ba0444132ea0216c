import { Unavailable } from "../errors.ts";

/** Classes and states in which PostgreSQL or the way to it is unwell, and the same statement may succeed later. */
const faultStates = /^(?:08|25P|28|3D|40|53|55P03|57|58|XX|42501|42P01|42703)/;
/** Of these, what passes by itself: connections, conflicts, resources and shutdowns, but not a missing table or right. */
const outageStates = /^(?:08|25P0[34]|40|53|55P03|57|58)/;
/** A letter first only in these classes, or "EPIPE" would pass for a state. */
const stateShape = /^(?:[0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;
const faultCodes =
  /^(?:E(?:CONN(?:REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|NETDOWN|MFILE|NFILE)|CONNECT(?:ION_\w+|_TIMEOUT)|ERR_POSTGRES_(?:CONNECTION_\w+|IDLE_TIMEOUT|LIFETIME_TIMEOUT)|ConnectionRefused|FailedToOpenSocket|ConnectionClosed)$/;
const maxCauses = 5;

/** The SQLSTATE, wherever it hides: `errno` in Bun.SQL, `code` in postgres.js and pg, `cause` in Drizzle. */
export function sqlState(error: unknown): string | undefined {
  for (const link of causes(error)) {
    for (const candidate of [Reflect.get(link, "errno"), Reflect.get(link, "code")]) {
      if (typeof candidate === "string" && stateShape.test(candidate)) return candidate;
    }
  }
  return undefined;
}

/** True when the world is broken (database or neighbour away, out of room, deadlock), false when the input is. A fault is worth a retry. */
export function isFault(error: unknown): boolean {
  return isOf(error, faultStates);
}

/** True for a fault that is over when the database or neighbour is back, so that a caller may simply try again. */
export function isOutage(error: unknown): boolean {
  return isOf(error, outageStates);
}

function isOf(error: unknown, states: RegExp): boolean {
  const state = sqlState(error);
  if (state) return states.test(state);
  return causes(error).some((link) => {
    if (link instanceof Unavailable) return true;
    if (link instanceof AggregateError && link.errors.some((inner) => isOf(inner, states))) return true;
    return faultCodes.test(String(Reflect.get(link, "code")));
  });
}

function causes(error: unknown): object[] {
  const chain: object[] = [];
  let link: unknown = error;
  while (typeof link === "object" && link !== null && chain.length < maxCauses) {
    chain.push(link);
    link = Reflect.get(link, "cause");
  }
  return chain;
}
