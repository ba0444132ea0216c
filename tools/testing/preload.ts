import { afterAll, setDefaultTimeout } from "bun:test";
import { startLazyBroker } from "./lazy-broker.ts";
import { shareTestPostgres } from "./shared-postgres.ts";
import { removeStaleFolders, removeTemporaryFolders } from "./temporary-folder.ts";

// Bun gives it to the first file alone: `bun run test` says it of all, and files that need it by themselves say it, too.
setDefaultTimeout(20_000);
removeStaleFolders();
afterAll(removeTemporaryFolders);

if (!process.env.TEST_DATABASE_URL) {
  const postgres = await shareTestPostgres();
  process.env.TEST_DATABASE_URL = postgres.url;
  process.env.TEST_DATABASE_IS_PRIVATE = "true";
  afterAll(() => {
    delete process.env.TEST_DATABASE_URL;
    return postgres.leave();
  });
}

// Once for a process, or once for each of its files when those are isolated: what was opened for the file before is gone then.
if (!process.env.TEST_MQTT_URL || process.env.TEST_MQTT_IS_PRIVATE) {
  process.env.TEST_MQTT_URL = await startLazyBroker();
  process.env.TEST_MQTT_IS_PRIVATE = "true";
}
