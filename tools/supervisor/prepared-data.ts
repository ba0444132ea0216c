import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../../infra/private-file.ts";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { type ServiceName, serviceNames } from "../embedded/service-names.ts";
import { runScript } from "./run-script.ts";

export type DataStep = "migrate" | "seed";

/** Each by itself: Bun finds nothing by a pattern whose alternatives hold a slash. */
const sources: Record<DataStep, string[]> = {
  migrate: ["migrate.ts", "repositories/migrations/**/*.{sql,json}"],
  seed: ["seed.ts", "repositories/{demo,seed}-*.ts", "repositories/migrations/**/*.sql"],
};

/** Remembers with which files a database was migrated and seeded, so that a warm start need not do it again. */
export function createPreparedData(stateFolder: string) {
  const file = join(stateFolder, "prepared.json");
  const done: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const save = () => writePrivateFile(file, JSON.stringify(done, null, 2));
  return {
    isDone: (step: DataStep, service: ServiceName) => done[`${step} ${service}`] === fingerprint(step, service),
    note(step: DataStep, service: ServiceName): void {
      done[`${step} ${service}`] = fingerprint(step, service);
      save();
    },
    forget(service: ServiceName): void {
      for (const step of ["migrate", "seed"]) delete done[`${step} ${service}`];
      save();
    },
  };
}

export type PreparedData = ReturnType<typeof createPreparedData>;

/** Runs the step in all services at once, except where it is known to be done. */
export async function runDataStep(
  step: DataStep,
  envFor: (service: ServiceName) => Record<string, string>,
  prepared?: PreparedData,
): Promise<ServiceName[]> {
  const due = serviceNames.filter((service) => !prepared?.isDone(step, service) && hasScript(step, service));
  await Promise.all(
    due.map(async (service) => {
      await runScript(service, `${step}.ts`, envFor(service));
      prepared?.note(step, service);
    }),
  );
  return due;
}

function hasScript(step: DataStep, service: ServiceName): boolean {
  return existsSync(join(repositoryRoot, service, `${step}.ts`));
}

/** Of the files that a step depends on. Throws when there are none: nothing would ever be done again. */
export function fingerprint(step: DataStep, service: ServiceName, root = repositoryRoot): string {
  const folder = join(root, service);
  const paths = new Set(sources[step].flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: folder })]));
  if (paths.size === 0) throw new Error(`${folder} has no files to ${step} with`);
  const hasher = new Bun.CryptoHasher("sha256");
  for (const path of [...paths].sort()) hasher.update(`\n${path}\n`).update(readFileSync(join(folder, path)));
  if (step === "migrate") hasher.update(migrator(root));
  return hasher.digest("hex");
}

/** What all services migrate with besides: some of the schema is in there, and graphile-worker makes its own tables. */
function migrator(root: string): string {
  const jobQueue = readFileSync(join(root, "bun.lock"), "utf8").match(/"graphile-worker@[^"]+"/)?.[0];
  if (!jobQueue) throw new Error(`${join(root, "bun.lock")} names no version of graphile-worker`);
  return `${jobQueue}\n${readFileSync(join(root, "common/database/migrate-database.ts"), "utf8")}`;
}
