// By path: `up --help` reads it before anything is installed.
export { fraction, readOptions, wholeNumber } from "../../infra/command-line/read-options.ts";
