import { resolve } from "node:path";

/** The root of the checkout, whatever folder the command was called in. */
export const repositoryRoot = resolve(import.meta.dir, "../..");

/** Where `up` and the tests keep their state, `.orderflow` unless ORDERFLOW_STATE names another folder; nothing in it is precious. */
export const stateFolder = resolve(repositoryRoot, process.env.ORDERFLOW_STATE ?? ".orderflow");
