import type { Reason as ServerReason } from "@orderflow/common/trpc/reason";
import type { AppRouter } from "@orderflow/gateway/router";
import type { AnyTRPCProcedure, inferProcedureInput, inferTransformedProcedureOutput } from "@trpc/server";
import type { inferAsyncIterableYield } from "@trpc/server/unstable-core-do-not-import";
import type { Mutation, Query, Subscription } from "./calls.ts";

/** Everything that can be asked at the gateway. In the published package this file is written out, procedure by procedure. */
export type Api = ApiOf<AppRouter["_def"]["record"]>;

/** Why a call failed: the server's reasons, and those that only a client knows. */
export type Reason =
  | ServerReason
  | "invalid_credentials"
  | "internal_error"
  | "network_error"
  | "timeout"
  | "aborted"
  | "unreadable_answer";

type ApiOf<Routes> = {
  [Name in keyof Routes]: Routes[Name] extends AnyTRPCProcedure ? CallOf<Routes[Name]> : ApiOf<Routes[Name]>;
};

type CallOf<Procedure extends AnyTRPCProcedure> = Procedure["_def"]["type"] extends "query"
  ? Query<inferProcedureInput<Procedure>, inferTransformedProcedureOutput<AppRouter, Procedure>>
  : Procedure["_def"]["type"] extends "mutation"
    ? Mutation<WithOptionalKey<inferProcedureInput<Procedure>>, inferTransformedProcedureOutput<AppRouter, Procedure>>
    : Subscription<
        inferProcedureInput<Procedure>,
        inferAsyncIterableYield<inferTransformedProcedureOutput<AppRouter, Procedure>>
      >;

type WithOptionalKey<Input> = Input extends { idempotencyKey: string }
  ? Omit<Input, "idempotencyKey"> & {
      /** Made for each call, and kept over its retries. Give one to have it kept over more than one call. */
      idempotencyKey?: string | undefined;
    }
  : Input;

/** Mutations that take no key, so that nobody knows whether a try that was not answered was carried out. */
export type MutationWithoutKey = WithoutKey<AppRouter["_def"]["record"], "">;

type WithoutKey<Routes, Prefix extends string> = {
  [Name in keyof Routes & string]: Routes[Name] extends AnyTRPCProcedure
    ? Routes[Name]["_def"]["type"] extends "mutation"
      ? inferProcedureInput<Routes[Name]> extends { idempotencyKey: string }
        ? never
        : `${Prefix}${Name}`
      : never
    : WithoutKey<Routes[Name], `${Prefix}${Name}.`>;
}[keyof Routes & string];
