import { type Colour, colour } from "../format/colour.ts";
import { formatLogLine } from "../format/log-line.ts";

const palette: Colour[] = ["cyan", "magenta", "blue", "green", "yellow"];

export type UpLog = { from(name: string): (line: string) => void; say(text: string): void };

/** One log for all processes: each line says whose it is. */
export function createUpLog(write: (line: string) => void = console.log): UpLog {
  const colours = new Map<string, Colour>();
  const colourOf = (name: string) => {
    const chosen = colours.get(name) ?? palette[colours.size % palette.length] ?? "cyan";
    colours.set(name, chosen);
    return chosen;
  };
  return {
    from: (name) => (line) => write(formatLogLine(name, line, colourOf(name))),
    say: (text) => write(`${colour("bold", "up".padEnd(11))} ${text}`),
  };
}
