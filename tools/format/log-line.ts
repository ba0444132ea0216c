import { type Colour, colour } from "./colour.ts";

const levels: Record<number, { name: string; colour: Colour }> = {
  10: { name: "trace", colour: "grey" },
  20: { name: "debug", colour: "grey" },
  30: { name: "info", colour: "green" },
  40: { name: "warn", colour: "yellow" },
  50: { name: "error", colour: "red" },
  60: { name: "fatal", colour: "red" },
};

/** Said already by the prefix of the line. */
const hidden = new Set(["level", "time", "msg", "pid", "hostname", "service", "instance", "err"]);

/** A line of the interleaved log: who, when, how bad, what, and the rest as key=value. Other than JSON stays as it is. */
export function formatLogLine(name: string, line: string, nameColour: Colour): string {
  const prefix = colour(nameColour, name.padEnd(11));
  const entry = parseEntry(line);
  if (!entry) return `${prefix} ${line}`;
  const level = levels[Number(entry.level)] ?? { name: String(entry.level), colour: "grey" as const };
  const time = colour("grey", new Date(entry.time as number | string).toISOString().slice(11, 23));
  const rest = Object.entries(entry).filter(([key]) => !hidden.has(key));
  const fields = rest
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  const message = [String(entry.msg ?? ""), fields === "" ? "" : colour("grey", fields)]
    .filter((part) => part !== "")
    .join(" ");
  return `${prefix} ${time} ${colour(level.colour, level.name.padEnd(5))} ${message}${stackOf(entry.err)}`;
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry: Record<string, unknown> = JSON.parse(line);
    return "level" in entry && "time" in entry ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Message and stack below each other; some serializers leave the message out of the stack. */
function stackOf(error: unknown): string {
  const { message = "", stack = "" } = (error ?? {}) as { message?: string; stack?: string };
  const text = stack.includes(message) ? stack : [message, stack].filter((part) => part !== "").join("\n");
  return text === "" ? "" : `\n  ${text.split("\n").join("\n  ")}`;
}
