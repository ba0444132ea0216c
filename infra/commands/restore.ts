import { restoreFromAmong } from "../backup/compose-backups.ts";
import { runInContainer } from "../backup/run-in-container.ts";

const backups = process.env.BACKUPS_FOLDER ?? "/backups";
const owners = process.env.OWNER_SECRETS_FOLDER ?? "/run/secrets/owners";

await runInContainer(() => restoreFromAmong({ backups, owners, log: console.log }, process.argv.slice(2)));
