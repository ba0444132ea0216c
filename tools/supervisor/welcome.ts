import { firstCall } from "../commands/first-call.ts";
import { colour } from "../format/colour.ts";
import { textTable } from "../format/text-table.ts";
import type { RunFile } from "./run-file.ts";

/** What a newcomer needs next: where everything is, whom to be, and a first call. */
export function welcome(run: RunFile, elapsedMs: number): string {
  const gateway = run.services.find((service) => service.name === "gateway")?.url;
  const rows = [
    ...run.services.map((service) => [service.instance, service.url]),
    ["mailbox", run.mailbox.url || "(external)"],
    ["postgres", withoutPassword(run.postgres.url)],
    ["broker", `${withoutPassword(run.broker.url)} (${run.broker.kind})`],
    ...(gateway ? [["API docs", `${gateway}/docs`]] : []),
  ];
  const accounts = Object.entries(run.demo).map(([role, account]) => [role, account.email, account.password]);
  const call = gateway ? firstCall({ gateway, mailbox: run.mailbox.url, password: run.demo.customer.password }) : "";
  const sections = [
    `\n${colour("bold", `Ready after ${(elapsedMs / 1_000).toFixed(1)} s`)}\n\n${textTable(rows)}`,
    `${colour("bold", "Demo accounts")}\n${textTable(accounts)}`,
    ...(call ? [`${colour("bold", "A first call, to paste into another terminal")}\n\n${call}`] : []),
  ];
  return `${sections.join("\n\n")}\n`;
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:/@]+@/, ":…@");
}
