import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { exposedNames, queries, readAlerts, readDashboards } from "./queried-metrics.ts";

const root = resolve(import.meta.dir, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const promtool = Bun.which("promtool");

/** Those that the code makes, by how it makes them; the whole system's own answer is asked in `e2e/one-trace.test.ts`. */
async function knownNames(): Promise<Set<string>> {
  const sources = [...new Bun.Glob("{common,gateway,order,inventory,notify,worker}/**/*.ts").scanSync({ cwd: root })];
  const made = sources
    .filter((path) => !path.includes("node_modules") && !path.endsWith(".test.ts"))
    .flatMap((path) => [...read(path).matchAll(/\b(counter|gauge|histogram)\(\s*"(\w+)"/g)])
    .map(([, type, name]) => `# TYPE ${name} ${type}`);
  const { body } = await createMetrics({ service: "docs", instance: "docs" }).exposition();
  return exposedNames([...made, body].join("\n")).add("up");
}

test("four dashboards and an alert for each kind of trouble are provisioned", () => {
  expect(readDashboards().map(({ title }) => title)).toEqual([
    "orderflow: business",
    "orderflow: messaging",
    "orderflow: overview",
    "orderflow: one service",
  ]);
  expect(readAlerts().length).toBeGreaterThanOrEqual(15);
});

test("every query names only metrics that exist, and at least one", async () => {
  const known = await knownNames();
  const asked = queries();
  expect(asked.length).toBeGreaterThan(60);
  expect(asked.filter(({ metrics }) => metrics.length === 0)).toEqual([]);
  expect(asked.filter(({ metrics }) => metrics.some((name) => !known.has(name)))).toEqual([]);
});

test("a metric that does not exist would be named", async () => {
  const known = await knownNames();
  expect(known.has("orders_eaten_total")).toBe(false);
  expect(known.has("http_request_duration_seconds_bucket")).toBe(true);
  expect(known.has("http_request_duration_seconds")).toBe(false);
});

describe("each alert leads to what to do:", () => {
  const anchors = [...read("docs/operations.md").matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  test.each(readAlerts().map((alert) => [alert.alert, alert] as const))("%s", (name, { annotations, labels }) => {
    const [document, anchor = ""] = (annotations.runbook ?? "").split("#");
    expect(document).toBe("docs/operations.md");
    expect(anchors).toContain(anchor);
    expect(annotations.summary).not.toBe("");
    expect(["warning", "critical"]).toContain(labels.severity);
    expect(read("docs/operations.md")).toContain(`\`${name}\``);
  });
});

test("what compose mounts of this folder is here", () => {
  const mounted = [...read("compose.yaml").matchAll(/\.\/(infra\/observability\/[\w./-]+):/g)].map(
    ([, path = ""]) => path,
  );
  expect(mounted.length).toBeGreaterThanOrEqual(5);
  expect(mounted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const yaml = readdirSync(import.meta.dir, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".yml"),
  );
  for (const path of yaml) Bun.YAML.parse(readFileSync(join(import.meta.dir, path), "utf8"));
});

describe.skipIf(promtool === null)("promtool (Debian: apt install prometheus; skipped where it is not on PATH)", () => {
  test.each([
    ["rules", "alerts.yml"],
    ["config", "prometheus.yml"],
  ])("check %s %s", (kind, file) => {
    // The configuration names the rules where the container has them.
    const syntaxOnly = kind === "config" ? ["--syntax-only"] : [];
    const { exitCode, stdout, stderr } = Bun.spawnSync([promtool ?? "", "check", kind, ...syntaxOnly, file], {
      cwd: import.meta.dir,
    });
    expect({ exitCode, output: exitCode === 0 ? "" : `${stdout}${stderr}` }).toEqual({ exitCode: 0, output: "" });
  });
});
