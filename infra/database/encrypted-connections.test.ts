import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveTo, unprivilegedUser } from "@orderflow/tools/embedded/unprivileged-user";
import { eventually } from "@orderflow/tools/testing/eventually";
import { makeCertificates } from "../testing/certificates.ts";
import { attempt, type ServerOfItsOwn, startServerOfItsOwn } from "../testing/server-of-its-own.ts";

let server: ServerOfItsOwn;
let authority: string;

beforeAll(async () => {
  server = await startServerOfItsOwn("encrypted");
  const { ca, server: own } = makeCertificates();
  const owner = unprivilegedUser(["postgres", "nobody"]);
  for (const [name, text] of Object.entries({ "server.crt": own.certificate, "server.key": own.key })) {
    writeFileSync(join(server.dataFolder, name), text, { mode: 0o600 });
    giveTo(owner, join(server.dataFolder, name));
  }
  authority = join(server.dataFolder, "../authority.crt");
  writeFileSync(authority, ca);
  expect(await attempt(server.url, "alter system set ssl = on")).toBe("done");
  expect(await attempt(server.url, "select pg_reload_conf()")).toBe("done");
  await eventually(async () => (await attempt(`${server.url}?sslmode=require`, "select 1")) === "done");
}, 60_000);
afterAll(() => server?.stop());

/** By each of the three drivers that the services and their commands use: whether the connection is encrypted. */
const script = `
  import { SQL } from "bun";
  import { Pool } from "pg";
  import postgres from "postgres";
  const url = process.env.URL;
  const query = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
  const said = (answer) => answer.then(([row]) => row.ssl, () => "refused");
  console.log(JSON.stringify(await Promise.all([
    said(new SQL(url, { max: 1, connectionTimeout: 3 }).unsafe(query)),
    said(postgres(url, { max: 1, connect_timeout: 3 }).unsafe(query)),
    said(new Pool({ connectionString: url, connectionTimeoutMillis: 3000 }).query(query).then(({ rows }) => rows)),
  ])));
  process.exit(0);`;

async function drivers(env: Record<string, string>): Promise<unknown> {
  const { NODE_EXTRA_CA_CERTS: _, ...surroundings } = process.env;
  const child = Bun.spawn([process.execPath, "-e", script], {
    cwd: join(import.meta.dir, "../../common"),
    env: { ...surroundings, URL: `${server.url}?sslmode=verify-full`, ...env },
    stderr: "inherit",
  });
  return JSON.parse(await new Response(child.stdout).text());
}

test("every driver encrypts, and trusts an authority named in NODE_EXTRA_CA_CERTS and no other", async () => {
  expect(await drivers({ NODE_EXTRA_CA_CERTS: authority })).toEqual([true, true, true]);
  expect(await drivers({})).toEqual(["refused", "refused", "refused"]);
}, 30_000);
