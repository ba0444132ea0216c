/** The one door of the package: everything that an application may import. */
export type { Session, SignIn, SignUp } from "./accounts.ts";
export type { Api, Reason } from "./api.ts";
export type { CallOptions, FollowOptions, InputOf, Mutation, OutputOf, Query, Subscription } from "./calls.ts";
export { type Client, type ClientOptions, createClient } from "./create-client.ts";
export type { Authentication } from "./credentials.ts";
export { isOrderflowError, OrderflowError } from "./orderflow-error.ts";
