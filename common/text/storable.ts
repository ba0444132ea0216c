/** How JSON spells NUL and either half of a surrogate pair: without one of these no string of it can hold them. */
const suspicious = /\\u(?:0000|d[89a-f])/i;
const nul = String.fromCharCode(0);

/**
 * Whether PostgreSQL could store every string of a parsed JSON text. It takes neither NUL nor half a surrogate pair in
 * text and jsonb (SQLSTATE 22P05, 22021), so what holds one would pass every schema and fail as a fault of ours.
 */
export function isStorable(value: unknown): boolean {
  // Not recursive: JSON of 1 MiB may be nested deeper than the stack.
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string" && !isStorableText(next)) return false;
    if (typeof next !== "object" || next === null) continue;
    if (Array.isArray(next)) {
      for (const item of next) waiting.push(item);
      continue;
    }
    for (const [key, item] of Object.entries(next)) {
      if (!isStorableText(key)) return false;
      waiting.push(item);
    }
  }
  return true;
}

/** Whether `json` spells something that must be looked at; most of what comes does not. */
export function maySpellUnstorable(json: string): boolean {
  return suspicious.test(json);
}

function isStorableText(text: string): boolean {
  return !text.includes(nul) && text.isWellFormed();
}
