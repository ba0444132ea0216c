import { Unavailable } from "@orderflow/common/errors";
import { TRPCError } from "@trpc/server";
import type { AnyCaller, CallerResolver } from "./resolve-caller.ts";

type Credentials = Parameters<CallerResolver>[0];

/** Whether a caller's credentials are still as good as when he came. */
export type StillGood = () => Promise<boolean>;

/**
 * For a stream that begins with these credentials: whether they are still good, for the same caller with the same role
 * and scopes. While the accounts cannot be asked they count as good: an outage there must not cut every stream.
 */
export function createRecheck(resolve: CallerResolver): (request: Credentials, before: AnyCaller) => StillGood {
  return (request, before) => {
    const credentials = copyOf(request);
    return async () => {
      try {
        const now = await resolve(credentials);
        return now.id === before.id && now.role === before.role && hasSameScopes(now, before);
      } catch (error) {
        if (error instanceof Unavailable) return true;
        if (error instanceof TRPCError) return false;
        throw error;
      }
    };
  };
}

const telling = ["x-api-key", "authorization", "cookie", "origin"];

/** What says who calls, and no more: a stream that is open for days must not keep its whole request. */
function copyOf({ headers, method }: Credentials): Credentials {
  const kept = new Headers();
  for (const name of telling) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return { headers: kept, method };
}

function hasSameScopes({ apiKey: now }: AnyCaller, { apiKey: before }: AnyCaller): boolean {
  return now?.id === before?.id && now?.scopes.join(" ") === before?.scopes.join(" ");
}
