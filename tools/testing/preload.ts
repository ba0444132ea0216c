import { afterAll, setDefaultTimeout } from "bun:test";
import { startLazyBroker } from "./lazy-broker.ts";
import { shareTestPostgres } from "./shared-postgres.ts";
import { removeStaleFolders, removeTemporaryFolders } from "./temporary-folder.ts";

// Some start a service, which takes five times as long on a slow machine that does three things at once.
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

if (!process.env.TEST_MQTT_URL) {
  const broker = await startLazyBroker();
  process.env.TEST_MQTT_URL = broker.url;
  afterAll(() => {
    // A worker of `bun test --parallel` comes here once for each of its files, in one process.
    delete process.env.TEST_MQTT_URL;
    broker.close();
  });
}
