import { join, resolve } from "node:path";

/** The root of the checkout, whatever folder the command was called in. */
export const repositoryRoot = resolve(import.meta.dir, "../..");

/** Where `up` and the tests keep their state; nothing in it is precious. */
export const stateFolder = join(repositoryRoot, ".orderflow");
