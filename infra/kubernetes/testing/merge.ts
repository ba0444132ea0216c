export type Tree = { [key: string]: unknown };

/** Lists that a strategic merge joins by a key of their items; all others are replaced. */
const mergeKeys: Record<string, string> = {
  containers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  ports: "containerPort",
  topologySpreadConstraints: "topologyKey",
};

/** Kubernetes' strategic merge patch, without its directives. What the patch brings comes first in a joined list. */
export function mergeInto(target: Tree, patch: Tree): void {
  for (const [key, value] of Object.entries(patch)) {
    const present = target[key];
    const mergeKey = mergeKeys[key];
    if (Array.isArray(value) && Array.isArray(present) && mergeKey)
      target[key] = joined(present as Tree[], value as Tree[], mergeKey);
    else if (isTree(value) && isTree(present)) mergeInto(present, value);
    else target[key] = structuredClone(value);
  }
}

function joined(present: Tree[], patches: Tree[], mergeKey: string): Tree[] {
  const isSame = (one: Tree) => (other: Tree) => one[mergeKey] === other[mergeKey];
  for (const item of present) {
    const patch = patches.find(isSame(item));
    if (patch) mergeInto(item, patch);
  }
  const added = patches.filter((patch) => !present.some(isSame(patch)));
  return [...structuredClone(added), ...present];
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
