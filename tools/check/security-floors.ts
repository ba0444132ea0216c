type Floor = { floor: string; advisory: string };

/** `security-floors.json`. */
export type SecurityFloors = {
  packages: (Floor & { name: string })[];
  bun: Floor;
  /** The lowest safe version of each major one. */
  postgresql: { floors: string[]; advisory: string };
  mosquitto: Floor;
};

/** What a system is made of, as far as it is known. */
export type Versions = {
  /** The text of bun.lock. */
  lock: string;
  bun: string[];
  /** Where it was found, and what. */
  postgresql: { where: string; version: string }[];
  mosquitto: { where: string; version: string }[];
};

export type FloorReport = { errors: string[]; warnings: string[] };

/** What is below the lowest version that is safe. The servers only warn: they are the operator's to choose. */
export function compareWithFloors(floors: SecurityFloors, versions: Versions): FloorReport {
  const errors = floors.packages.flatMap(({ name, floor, advisory }) => {
    const locked = lockedVersions(versions.lock, name);
    if (locked.length === 0) return [`${name} is not in bun.lock: take it out of security-floors.json`];
    return locked
      .filter((version) => isBelow(version, floor))
      .map((version) => below(name, { version, floor, advisory }));
  });
  const { bun, postgresql, mosquitto } = floors;
  for (const version of versions.bun) {
    if (isBelow(version, bun.floor)) errors.push(below("Bun", { version, ...bun }));
  }
  return {
    errors,
    warnings: [
      ...versions.postgresql.flatMap(({ where, version }) => {
        const floor = floorOfMajor(postgresql.floors, version);
        if (floor !== undefined && !isBelow(version, floor)) return [];
        const lowest = floor ?? postgresql.floors.join(", ");
        return [below(`PostgreSQL (${where})`, { version, floor: lowest, advisory: postgresql.advisory })];
      }),
      ...versions.mosquitto
        .filter(({ version }) => isBelow(version, mosquitto.floor))
        .map(({ where, version }) => below(`Mosquitto (${where})`, { version, ...mosquitto })),
    ],
  };
}

/** Every version of the package that the lock file has, also those below other packages. */
function lockedVersions(lock: string, name: string): string[] {
  const escaped = name.replaceAll(/[.*+?^$()|[\]\\/-]/g, String.raw`\$&`);
  const entry = new RegExp(`^ {4}"(?:[^"]+/)?${escaped}": \\["${escaped}@([^"]+)"`, "gm");
  return [...lock.matchAll(entry)].map(([, version = ""]) => version);
}

function floorOfMajor(floors: readonly string[], version: string): string | undefined {
  const [major] = version.split(".");
  return floors.find((floor) => floor.split(".")[0] === major);
}

/** A version before its release, such as 18.4.0-beta.17, counts as the release. */
function isBelow(version: string, floor: string): boolean {
  const [have, need] = [numbers(version), numbers(floor)];
  for (const [index, least] of need.entries()) {
    const part = have[index] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}

function numbers(version: string): number[] {
  return (version.split("-")[0] ?? "").split(".").map(Number);
}

type Below = { version: string; floor: string; advisory: string };

function below(what: string, { version, floor, advisory }: Below): string {
  return `${what} ${version} is below ${floor}, the lowest version that is safe: see ${advisory}`;
}
