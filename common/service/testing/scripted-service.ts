import { ConfigError } from "../../config/read-config.ts";
import { createLogger } from "../../observability/logger.ts";
import type { Door } from "../door.ts";
import { runService } from "../run-service.ts";

/** A service of two doors that says what happens to it, and misbehaves as its first argument tells. */
const script = process.argv[2];
const logger = createLogger({ service: "scripted", instance: "scripted-1" });
const say = (text: string) => process.stdout.write(`${text}\n`);

function door(name: string): Door {
  return {
    name,
    async close() {
      say(`closing ${name}`);
      if (script?.startsWith("hang") && name === "worker") await new Promise(() => {});
      if (script === "fail-to-close" && name === "api") throw new Error("stuck lock");
      await Bun.sleep(20);
      say(`closed ${name}`);
    },
  };
}

await runService({
  logger,
  stopTimeoutMs: script === "hang-for-long" ? 10_000 : 400,
  async open() {
    if (script === "bad-config") throw new ConfigError(["PORT: expected a whole number from 0 to 65535"]);
    if (script === "bad-start") throw new Error("the port is taken");
    if (script === "slow-start") {
      say("opening");
      await Bun.sleep(150);
    }
    setInterval(() => {}, 1_000);
    return [door("api"), door("worker")];
  },
  closeLast: async () => void say("closed context"),
});
say("ready");
if (script === "throw") setTimeout(() => JSON.parse("{"), 10);
if (script === "reject") void Promise.reject(new Error("nobody awaits this"));
