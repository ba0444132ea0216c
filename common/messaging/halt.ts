/** The producer's history is not the one this cursor followed. The consumer stops rather than guess; an operator must look. */
export class Halt extends Error {
  override readonly name = "Halt";
}
