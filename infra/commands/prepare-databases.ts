import { readFileSync } from "node:fs";
import { join } from "node:path";
import { auditedServices } from "../audit/parts-sql.ts";
import { ensureServiceDatabases } from "../database/service-databases.ts";
import { serviceNames } from "../service-names.ts";

const folder = process.env.DATABASE_SECRETS_FOLDER ?? "/run/secrets/databases";
const secret = (name: string) => readFileSync(join(folder, name), "utf8");
const passwords = Object.fromEntries(serviceNames.map((name) => [name, secret(`${name}-password`)]));
const ownerPasswords = Object.fromEntries(serviceNames.map((name) => [name, secret(`${name}-owner-password`)]));
const readerPasswords = Object.fromEntries(auditedServices.map((name) => [name, secret(`${name}-reader-password`)]));

const made = await ensureServiceDatabases(secret("admin-url"), { passwords, ownerPasswords, readerPasswords });
console.log(made.length > 0 ? `Made the databases of ${made.join(", ")}.` : "Every service has its database.");
