import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Query = { where: string; expression: string; metrics: string[] };
export type Alert = { alert: string; expr: string; labels: { severity: string }; annotations: Record<string, string> };

type Dashboard = {
  title: string;
  panels: { title: string; targets: { expr: string }[] }[];
  templating: { list: { name: string; query: string }[] };
};

const here = import.meta.dir;
const read = (path: string) => readFileSync(join(here, path), "utf8");
const operators = new Set(["by", "without", "and", "or", "unless", "on", "ignoring", "bool", "offset"]);

export function readAlerts(): Alert[] {
  const { groups } = Bun.YAML.parse(read("alerts.yml")) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export function readDashboards(): Dashboard[] {
  const files = readdirSync(join(here, "grafana/dashboards")).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => JSON.parse(read(`grafana/dashboards/${file}`)) as Dashboard);
}

/** Everything that is asked of Prometheus here. */
export function queries(): Query[] {
  const ofAlerts = readAlerts().map(({ alert, expr }) => toQuery(alert, expr));
  const ofDashboards = readDashboards().flatMap(({ title, panels, templating }) => [
    ...panels.flatMap((panel) => panel.targets.map(({ expr }) => toQuery(`${title}, ${panel.title}`, expr))),
    ...templating.list.map(({ name, query }) => toQuery(`${title}, $${name}`, query.replace(/, *\w+\)$/, ")"))),
  ]);
  return [...ofAlerts, ...ofDashboards];
}

function toQuery(where: string, expression: string): Query {
  const bare = expression
    .replaceAll(/"[^"]*"/g, "")
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring) *\([^)]*\)/g, " ");
  const words = [...bare.matchAll(/(?<![\w$.])[a-z_:][\w:]*\b(?! *\()/g)].map(([word]) => word);
  return { where, expression, metrics: [...new Set(words)].filter((word) => !operators.has(word)) };
}

/** The names that an exposition offers a query: a histogram is asked for by its buckets, sum and count. */
export function exposedNames(exposition: string): Set<string> {
  return new Set(
    [...exposition.matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(([, name = "", type]) =>
      type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}
