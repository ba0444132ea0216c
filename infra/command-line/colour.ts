const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, grey: 90, bold: 1 } as const;

export type Colour = keyof typeof codes;

/** Colours text where people see it: on a terminal, unless NO_COLOR is set. */
export function colour(name: Colour, text: string, isOn = hasColours()): string {
  return isOn ? `\u001b[${codes[name]}m${text}\u001b[0m` : text;
}

function hasColours(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR;
}
