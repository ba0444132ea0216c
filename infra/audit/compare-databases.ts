import type { DossierInvariant } from "./dossier-invariant.ts";
import { readDossiers } from "./read-dossiers.ts";
import { type SnapshotOptions, withSnapshots } from "./snapshots.ts";
import { type AuditFinding, createTally, type Tally } from "./tally.ts";

export type CompareOptions = SnapshotOptions & {
  invariants: DossierInvariant[];
  maxExamples: number;
  /** How long to wait before each further look at what seemed wrong. */
  recheckDelaysMs: number[];
  onProgress: (orders: number) => void;
};

/** What seems wrong with an order under an invariant. `problems` are those of the latest look. */
type Suspect = { invariant: DossierInvariant; orderId: string; problems: string[] };

/** More than this are not looked at again: that many is no accident of the moment. */
const maxSuspects = 10_000;

/**
 * Compares what the databases say of each order. They are read as of slightly different moments, so what seems wrong is
 * looked at again as of later ones, and is a violation when it seemed so each time.
 */
export async function compareDatabases(options: CompareOptions): Promise<AuditFinding[]> {
  const tallies = new Map(
    options.invariants.map((invariant) => [invariant, createTally(invariant, options.maxExamples)]),
  );
  let suspects = await lookAtAll(options, tallies);
  for (const delayMs of options.recheckDelaysMs) {
    if (suspects.length === 0) break;
    await Bun.sleep(delayMs);
    suspects = await lookAgain(options, suspects);
  }
  for (const { invariant, orderId, problems } of suspects) {
    for (const problem of problems) tallies.get(invariant)?.found(orderId, problem);
  }
  return [...tallies.values()].map((tally) => tally.finding());
}

function lookAtAll(options: CompareOptions, tallies: Map<DossierInvariant, Tally>): Promise<Suspect[]> {
  return withSnapshots(options, async (taken) => {
    const suspects: Suspect[] = [];
    let orders = 0;
    for await (const dossier of readDossiers(taken)) {
      for (const [invariant, tally] of tallies) {
        const startedAt = performance.now();
        const problems = invariant.check(dossier, taken.books);
        tally.took(performance.now() - startedAt);
        if (problems === undefined) continue;
        tally.looked();
        if (problems.length === 0) continue;
        if (suspects.length < maxSuspects) suspects.push({ invariant, orderId: dossier.orderId, problems });
        else for (const problem of problems) tally.found(dossier.orderId, problem);
      }
      options.onProgress(++orders);
    }
    return suspects;
  });
}

function lookAgain(options: CompareOptions, suspects: Suspect[]): Promise<Suspect[]> {
  const ofOrder = Map.groupBy(suspects, ({ orderId }) => orderId);
  return withSnapshots(options, async (taken) => {
    const remaining: Suspect[] = [];
    for await (const dossier of readDossiers(taken, [...ofOrder.keys()])) {
      for (const { invariant, orderId } of ofOrder.get(dossier.orderId) ?? []) {
        const problems = invariant.check(dossier, taken.books) ?? [];
        if (problems.length > 0) remaining.push({ invariant, orderId, problems });
      }
    }
    return remaining;
  });
}
