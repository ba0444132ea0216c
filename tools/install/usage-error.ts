// By path: `up --help` reads it before anything is installed.
export { UsageError } from "../../infra/usage-error.ts";
