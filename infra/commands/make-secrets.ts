import { writeComposeSecrets } from "../secrets/compose-secrets.ts";

await writeComposeSecrets(process.env.SECRETS_FOLDER ?? "/secrets", process.env);
console.log("The secrets are in their volumes.");
