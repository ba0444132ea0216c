import { TRPCError } from "@trpc/server";
import type { Caller, Role } from "../auth/caller.ts";

/** The caller, if it has one of these roles. Throws UNAUTHORIZED for nobody, FORBIDDEN for anyone else. */
export function requireRole(caller: Caller, ...roles: Role[]): Caller {
  if (roles.includes(caller.role)) return caller;
  if (caller.role === "nobody") throw new TRPCError({ code: "UNAUTHORIZED", message: "Sign in first" });
  throw new TRPCError({ code: "FORBIDDEN", message: `This needs the role ${roles.join(" or ")}` });
}
