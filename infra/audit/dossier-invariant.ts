import type { Books, Dossier } from "./dossier.ts";

/** What must be true of one order across databases, whatever its consumers have not heard yet. */
export type DossierInvariant = {
  /** In kebab-case: the code that its violations are known by. */
  name: string;
  law: string;
  /** Whose databases it compares. */
  databases: string[];
  /** What is wrong, or nothing; undefined when it says nothing about this order. */
  check(dossier: Dossier, books: Books): string[] | undefined;
};
