// By path: commands read it before anything is installed.
export { textTable } from "../../infra/command-line/text-table.ts";
