import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run dead-letters [command] [options]

Events that a service could not apply, and what waits behind them.

  list [service]                              what waits (the default; all services without one)
    --stream S  --key K                       only of this stream, of this order or SKU
    --failed                                  only what failed itself, not what is parked behind it
  show <service> <stream> <position>          one event whole: its error, its stack, what waits behind it
  redrive <service> <stream> <key>            applies an aggregate's dead letters again, in position order
  discard <service> <stream> <position> --reason "why"
                                              gives one event up for ever; kept with who and why

  --json                                      JSON instead of a table

Services: order, inventory, notify, worker. Signs in at the gateway as an operator: OPERATOR_EMAIL, OPERATOR_PASSWORD
and GATEWAY_URL, else the demo operator of the running \`bun run up\`. Exits with 1 when a redrive fails again.`,
  run: async (args) => {
    await ensureInstalled();
    return (await import("../operator/run-dead-letters.ts")).runDeadLetters(args);
  },
});
