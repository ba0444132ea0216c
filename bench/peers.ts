import { runCommand } from "@orderflow/tools/install/run-command";
import { parsePeersOptions, peersHelp } from "./peers/peers-options.ts";
import { runPeers } from "./peers/run-peers.ts";

await runCommand(process.argv.slice(2), { help: peersHelp, run: (args) => runPeers(parsePeersOptions(args)) });
