/** What must always be true of one database, as SQL that finds where it is not. */
export type Invariant = {
  /** In kebab-case: the code that its violations are known by. */
  name: string;
  /** What must be true, as a sentence. */
  law: string;
  /** `attention`: the data are right, but something waits for an operator. */
  kind: "law" | "attention";
  /** A query with one value: how many things are looked at. */
  checked: string;
  /** A query with the columns `id` and `problem`, both text: a row for each violation. */
  violations: string;
};
