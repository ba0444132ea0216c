/** Marks that combine with the letter before them: "café" is found by "cafe". */
const combiningMarks = /\p{M}+/gu;
const betweenWords = /[^\p{L}\p{N}]+/u;

/** The words a text is found by: lower case, without accents, split at all that is neither letter nor digit. */
export function searchWords(text: string): string[] {
  const plain = text.toLowerCase().normalize("NFKD").replace(combiningMarks, "");
  return [...new Set(plain.split(betweenWords))].filter((word) => word !== "");
}
