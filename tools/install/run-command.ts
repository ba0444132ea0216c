// By path: every command reads it before anything is installed.
export { runCommand } from "../../infra/command-line/run-command.ts";
