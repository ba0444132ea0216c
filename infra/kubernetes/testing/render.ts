import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mergeInto, type Tree } from "./merge.ts";

export type Manifest = Tree & { apiVersion: string; kind: string; metadata: Tree & { name: string } };

type Patch = { path: string; target?: { kind: string; name?: string } };
type Kustomization = {
  resources?: string[];
  components?: string[];
  patches?: Patch[];
  replicas?: { name: string; count: number }[];
  images?: { name: string; newName: string; newTag: string }[];
  namespace?: string;
};

const understood = [
  "apiVersion",
  "kind",
  "resources",
  "components",
  "patches",
  "replicas",
  "images",
  "namespace",
] as const;

/** What `kustomize build` makes of a folder, for as much of Kustomize as ours use; throws at anything else. */
export function render(folder: string, base: Manifest[] = []): Manifest[] {
  const kustomization = readKustomization(folder);
  const own = (kustomization.resources ?? []).flatMap((resource) => {
    const path = join(folder, resource);
    return existsSync(join(path, "kustomization.yaml")) ? render(path) : readManifests(path);
  });
  const manifests = (kustomization.components ?? []).reduce(
    (all, component) => render(join(folder, component), all),
    [...base, ...own],
  );
  for (const patch of kustomization.patches ?? []) applyPatch(folder, patch, manifests);
  for (const { name, count } of kustomization.replicas ?? []) {
    const deployment = only(manifests, { kind: "Deployment", name });
    deployment.spec = { ...(deployment.spec as Tree), replicas: count };
  }
  for (const image of kustomization.images ?? []) setImage(manifests, image);
  const { namespace } = kustomization;
  if (namespace) for (const one of manifests) if (one.kind !== "Namespace") one.metadata.namespace = namespace;
  return manifests;
}

function readKustomization(folder: string): Kustomization {
  const kustomization = Bun.YAML.parse(readFileSync(join(folder, "kustomization.yaml"), "utf8")) as Kustomization;
  const unknown = Object.keys(kustomization).filter((key) => !understood.includes(key as (typeof understood)[number]));
  if (unknown.length > 0) throw new Error(`${folder}: the test does not understand ${unknown.join(", ")}`);
  return kustomization;
}

function readManifests(path: string): Manifest[] {
  const parsed = Bun.YAML.parse(readFileSync(path, "utf8")) as Manifest | Manifest[];
  return Array.isArray(parsed) ? parsed : [parsed];
}

function applyPatch(folder: string, { path, target }: Patch, manifests: Manifest[]): void {
  for (const patch of readManifests(join(folder, path))) {
    const targets = target
      ? manifests.filter(({ kind, metadata }) => kind === target.kind && isNamed(metadata.name, target.name))
      : [only(manifests, { kind: patch.kind, name: patch.metadata.name })];
    if (targets.length === 0) throw new Error(`${folder}/${path} changes nothing`);
    const { metadata: _name, ...changes } = patch;
    for (const one of targets) mergeInto(one, changes);
  }
}

function isNamed(name: string, pattern = ".*"): boolean {
  return new RegExp(`^(?:${pattern})$`).test(name);
}

function only(manifests: Manifest[], { kind, name }: { kind: string; name: string }): Manifest {
  const [found, second] = manifests.filter((one) => one.kind === kind && one.metadata.name === name);
  if (!found || second) throw new Error(`there is not exactly one ${kind} ${name}`);
  return found;
}

function setImage(manifests: Manifest[], { name, newName, newTag }: { name: string; newName: string; newTag: string }) {
  for (const container of manifests.flatMap(containersOf))
    if (container.image === name) container.image = `${newName}:${newTag}`;
}

/** Of a Deployment, Job or CronJob. */
export function containersOf(manifest: Manifest): Tree[] {
  return (podOf(manifest)?.containers as Tree[] | undefined) ?? [];
}

/** The specification of the pods of a Deployment, Job or CronJob. */
export function podOf({ spec }: Manifest): Tree | undefined {
  const { template, jobTemplate } = (spec ?? {}) as Tree;
  if (jobTemplate) return podOf(jobTemplate as Manifest);
  return (template as Tree | undefined)?.spec as Tree | undefined;
}
