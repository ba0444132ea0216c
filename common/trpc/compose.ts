import type { AnyTRPCRouter, TRPCBuiltRouter } from "@trpc/server";

/**
 * The type of a router that holds each service's router under its name, for a client of them all.
 * Types only: at run time the calls are forwarded. All routers must share one error formatter.
 */
export type ComposeRouters<Routers extends Record<string, AnyTRPCRouter>> = TRPCBuiltRouter<
  Routers[keyof Routers]["_def"]["_config"]["$types"],
  { [Name in keyof Routers]: Routers[Name]["_def"]["record"] }
>;
