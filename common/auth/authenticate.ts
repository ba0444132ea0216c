import { TRPCError } from "@trpc/server";
import { type Caller, nobody } from "./caller.ts";
import { internalTokenHeader, type TokenVerifier } from "./internal-token.ts";

/** Behind the gateway: whom it vouches for, or nobody without a token. A service's own token is refused here. */
export async function publicCaller(headers: Headers, verifier: TokenVerifier): Promise<Caller> {
  const token = headers.get(internalTokenHeader);
  if (token === null) return nobody;
  const caller = await verifier.verify(token);
  if (caller.role === "service")
    throw new TRPCError({ code: "UNAUTHORIZED", message: "A service calls through /internal" });
  return caller;
}

/** Between services: the neighbour that calls. Throws UNAUTHORIZED for anyone else. */
export async function neighbourCaller(headers: Headers, verifier: TokenVerifier): Promise<Caller> {
  const token = headers.get(internalTokenHeader);
  const caller = token === null ? nobody : await verifier.verify(token);
  if (caller.role !== "service") throw new TRPCError({ code: "UNAUTHORIZED", message: "Only services call here" });
  return caller;
}

/** The gateway itself, where it brings the calls of several. Throws UNAUTHORIZED for anyone else. */
export async function requireGateway(headers: Headers, verifier: TokenVerifier): Promise<void> {
  const { id } = await neighbourCaller(headers, verifier);
  if (id !== "gateway") throw new TRPCError({ code: "UNAUTHORIZED", message: "Only the gateway calls here" });
}
