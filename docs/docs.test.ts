import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { refusalCodes } from "@orderflow/common/errors";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { firstCall } from "../tools/commands/first-call.ts";

const root = resolve(import.meta.dir, "..");
const services = ["gateway", "order", "inventory", "notify", "worker"];
const rooms = [...services, "common", "infra", "tools", "docs", "e2e", "examples"];

const files = (pattern: string) =>
  [...new Bun.Glob(pattern).scanSync({ cwd: root })].filter((path) => !path.includes("node_modules")).sort();
const read = (path: string) => readFileSync(join(root, path), "utf8");
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? "");
const unique = (words: string[]) => [...new Set(words)].sort();

const documents = ["README.md", "GLOSSARY.md", "CONTRIBUTING.md", "CHANGELOG.md", ...files("docs/**/*.md")];
const sources = files(`{${[...services, "common"].join(",")}}/**/*.ts`).filter((path) => !path.endsWith(".test.ts"));
const withoutBlocks = (text: string) => text.replaceAll(/^```[\s\S]*?^```/gm, "");
const inBackticks = (text: string) => matches(withoutBlocks(text), /`([^`\n]+)`/g);

/** As GitHub makes them from headings. */
function anchorsOf(markdown: string): string[] {
  const headings = matches(withoutBlocks(markdown), /^#+ +(.+)$/gm);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function isBroken(document: string, link: string): boolean {
  if (/^(?:https?|mailto):/.test(link)) return false;
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? document : join(dirname(document), path);
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
}

/** `common/ids.ts`, `order/domain`, `common/events/*.ts`; `handlers/router.ts` is in any service, `<service>/config.ts` in each. */
function namesAPath(word: string): boolean {
  if (!/^[\w.<][\w./*<>-]*$/.test(word) || word.includes("NNNN")) return false;
  return (
    rooms.some((room) => word.startsWith(`${room}/`)) || /\w\/.*\.(?:ts|md|json|toml|sql|eta)$|^<service>\//.test(word)
  );
}

function isMissing(document: string, word: string): boolean {
  if (word.startsWith("<service>/")) return services.some((service) => !has(word.replace("<service>", service)));
  return ![word, join(dirname(document), word), ...services.map((service) => join(service, word))].some(has);
}

function has(path: string): boolean {
  return path.includes("*") ? files(path).length > 0 : existsSync(join(root, path));
}

describe.each(documents)("%s", (document) => {
  const text = read(document);

  test("links to what exists", () => {
    const links = matches(withoutBlocks(text), /\]\(([^)\s]+)\)/g);
    expect(links.filter((link) => isBroken(document, link))).toEqual([]);
  });

  test("names files that exist", () => {
    const paths = inBackticks(text).filter(namesAPath);
    expect(paths.filter((path) => isMissing(document, path))).toEqual([]);
  });

  test("names commands that exist", () => {
    const scripts = [".", ...services].flatMap((room) => Object.keys(JSON.parse(read(`${room}/package.json`)).scripts));
    const commands = matches(text, /\bbun(?:@[\d.]+)? run ([a-z-]+)/g);
    expect(commands.filter((command) => !scripts.includes(command))).toEqual([]);
  });
});

describe("docs/errors.md", () => {
  const rows = [...read("docs/errors.md").matchAll(/^\| `(\w+)` +\| `(\w+)` +\| (\d+) +\|/gm)];
  const told = new Set(rows.map(([, reason, code, status]) => `${reason} ${code} ${status}`));
  const statusOf = (code: TRPCError["code"]) => getHTTPStatusCodeFromError(new TRPCError({ code }));

  test.each(Object.entries(refusalCodes))("has the refusal %s as it is answered: %s", (reason, code) => {
    expect(told).toContain(`${reason} ${code} ${statusOf(code)}`);
  });

  test("has each reason that is no refusal, with its code", () => {
    const tables = ["common/trpc/translate-error.ts", "gateway/handlers/forwarding/call-error.ts"].map(read).join("\n");
    const pairs = [...tables.matchAll(/^ {2}([A-Z_]+): "(\w+)",$/gm)].map(
      ([, code, reason]) => `${reason} ${code} ${statusOf(code as TRPCError["code"])}`,
    );
    expect(pairs.length).toBeGreaterThan(9);
    expect(pairs.filter((pair) => !told.has(pair))).toEqual([]);
  });

  test("has no reason that the code does not know", () => {
    const code = sources.map(read).join("\n");
    const reasons = unique(rows.map(([, reason = ""]) => reason));
    expect(reasons.filter((reason) => !new RegExp(`["\\s]${reason}[":]`).test(code))).toEqual([]);
  });
});

describe("metrics", () => {
  const made = unique(sources.flatMap((path) => matches(read(path), /(?:counter|gauge|histogram)\(\s*"(\w+)"/g)));
  const operations = read("docs/operations.md");
  const listed = matches(operations, /^\| (`.+?`) +\| /gm).flatMap((cell) => matches(cell, /`(\w+)`/g));

  test("of the code are all in docs/operations.md", () => {
    expect(made.length).toBeGreaterThan(15);
    expect(made.filter((name) => !listed.includes(name))).toEqual([]);
  });

  test("that the documents name exist", async () => {
    const { body } = await createMetrics({ service: "docs", instance: "docs" }).exposition();
    const exposed = [...made, ...matches(body, /^# TYPE (\w+)/gm)];
    const looksLikeOne = /^(?:consumer|events|mqtt|group_commit|http|rpc|jobs?|gateway|nodejs|process)_\w+$/;
    const reasons = Object.keys(refusalCodes);
    const named = documents.flatMap((path) => inBackticks(read(path))).filter((word) => looksLikeOne.test(word));
    expect(unique(named).filter((name) => !exposed.includes(name) && !reasons.includes(name))).toEqual([]);
  });
});

describe("docs/operations.md", () => {
  const operations = read("docs/operations.md");

  test("shows commands with options that they have", () => {
    const shown = [...operations.matchAll(/bun run ((?:dead-letters|realign|replay|audit)[^`\n#]*)/g)].map(
      ([, line]) => line,
    );
    const wrong = shown.filter((line = "") => {
      const [name = "", ...words] = line.trim().split(/\s+/);
      const { stdout } = Bun.spawnSync([process.execPath, `tools/commands/${name}.ts`, "--help"], { cwd: root });
      const help = stdout.toString();
      return words.some((word) => word.startsWith("--") && !help.includes(word));
    });
    expect(shown.length).toBeGreaterThan(8);
    expect(wrong).toEqual([]);
  });

  test("names a sequence that order has", async () => {
    const [statement = ""] = matches(operations, /`(select setval\([^`]+)`/g);
    const database = await createTestDatabase({ service: "order" });
    try {
      const [row] = await database.sql.unsafe(statement);
      expect(Number(row.setval)).toBeGreaterThan(10_000);
    } finally {
      await database.drop();
    }
  });
});

describe("docs/configuration.md", () => {
  /** Asks the real readers, which look up whatever they want in an environment that notes it down. */
  async function variablesOf(service: string): Promise<string[]> {
    const asked = new Set<string>();
    const environment = new Proxy<Record<string, undefined>>({}, { get: (_, name) => void asked.add(String(name)) });
    const config: Record<string, unknown> = await import(`../${service}/config.ts`);
    for (const readConfig of Object.values(config)) {
      if (typeof readConfig !== "function") continue;
      try {
        readConfig(environment);
      } catch {
        // Nothing is set, so whatever is required is reported as missing.
      }
    }
    return unique([...asked].filter((name) => !name.endsWith("_FILE")));
  }

  test.each(services)("has every variable that %s reads", async (service) => {
    const [, common = "", ...rest] = read("docs/configuration.md").split(/^## /m);
    const own = rest.find((section) => section.startsWith(`${service}\n`)) ?? "";
    const told = matches(common + own, /^\| `(\w+)`/gm);
    const variables = await variablesOf(service);
    expect(variables).toContain("SERVICE_PRIVATE_KEY");
    expect(variables.filter((name) => !told.includes(name))).toEqual([]);
    expect(matches(own, /^\| `(\w+)`/gm).filter((name) => !variables.includes(name))).toEqual([]);
  });
});

describe("README.md", () => {
  test("shows the first call that `up` prints, with the password taken from where `up` notes it", () => {
    const call = firstCall({
      gateway: "http://127.0.0.1:3000",
      mailbox: "http://127.0.0.1:3005",
      password: String.raw`$(sed -n '/"customer@example.com"/,/}/s/.*"password": "\(.*\)".*/\1/p' .orderflow/run.json)`,
    });
    expect(read("README.md")).toContain(`\`\`\`sh\n${call}\n\`\`\``);
  });
});
