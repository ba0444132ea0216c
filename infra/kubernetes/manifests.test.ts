import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "../service-names.ts";
import type { Tree } from "./testing/merge.ts";
import { containersOf, type Manifest, podOf, render } from "./testing/render.ts";
import { problemsOf } from "./testing/validate.ts";

const root = join(import.meta.dir, "../..");
const folders = ["overlays/single", "overlays/production", "migrate", "operate"];
const production = render(join(import.meta.dir, "overlays/production"));
const ofKind = (kind: string, manifests = production) => manifests.filter((one) => one.kind === kind);
const labelsOf = ({ spec }: Manifest) =>
  ((spec as { template: { metadata: { labels: Tree } } }).template.metadata.labels ?? {}) as Record<string, string>;

describe.each(folders)("%s", (folder) => {
  const manifests = render(join(import.meta.dir, folder));
  const pods = manifests.filter(podOf);

  test("holds only what the API of Kubernetes knows", async () => {
    const problems = await Promise.all(
      manifests.map(async (one) => (await problemsOf(one)).map((said) => `${one.kind} ${one.metadata.name} ${said}`)),
    );
    expect(problems.flat()).toEqual([]);
  });

  test("lets no pod be root, write, gain rights or ask the API server", () => {
    expect(pods.length).toBeGreaterThan(0);
    for (const one of pods) {
      expect(podOf(one)).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
      for (const container of containersOf(one))
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
    }
  });

  test("starts files that exist, from one image, with bounded memory", () => {
    for (const container of pods.flatMap(containersOf)) {
      // An operator's pod sleeps, and its commands are called in it.
      if (container.command) expect(container.command).toEqual(["sleep", "infinity"]);
      else expect(existsSync(join(root, (container.args as string[])[0] ?? "none"))).toBe(true);
      expect(container.image).toBe("registry.example/orderflow:0.1.0");
      expect((container.resources as { limits: Tree }).limits.memory).toBe("512Mi");
    }
  });

  test("holds no secret, only names of secrets", () => {
    expect(JSON.stringify(manifests)).not.toMatch(/"kind":"Secret"|:\/\/[^"/]*:[^"/]*@/);
  });

  const kustomize = Bun.which("kustomize") ? ["kustomize", "build"] : ["kubectl", "kustomize"];
  test.skipIf(!Bun.which(kustomize[0] ?? ""))("is to Kustomize what it is to these tests", () => {
    const { stdout } = Bun.spawnSync([...kustomize, join(import.meta.dir, folder)]);
    const theirs = [Bun.YAML.parse(stdout.toString()) as Manifest | Manifest[]].flat();
    const byName = (all: Manifest[]) => Object.fromEntries(all.map((one) => [`${one.kind} ${one.metadata.name}`, one]));
    expect(byName(theirs)).toEqual(byName(manifests));
  });
});

describe("for operators", () => {
  const manifests = render(join(import.meta.dir, "operate"));

  test("a secret is named for each file that is read, and made as the documents say", () => {
    const documents = readFileSync(join(root, "docs/deployment.md"), "utf8");
    const made = documents.match(/for name in ([\w ]+); do\n +kubectl/)?.[1]?.split(" ");
    for (const one of manifests.filter(podOf)) {
      const [secret] = (podOf(one)?.volumes as { name: string; secret?: { secretName: string } }[]) ?? [];
      const env = containersOf(one)[0]?.env as { name: string; value: string }[];
      const files = env.filter(({ name }) => name.endsWith("_FILE")).map(({ value }) => value);
      expect(files.map((file) => file.split("/")[3])).toEqual(Array(4).fill(secret?.secret?.secretName));
      expect(made).toContain(secret?.secret?.secretName ?? "none");
    }
  });

  test("they reach the gateway, and no service behind it", () => {
    expect(peersOf(ofKind("NetworkPolicy", manifests), "operator-asks", /app\.kubernetes\.io\/name":"(\w+)"/g)).toEqual(
      ["gateway"],
    );
    const [operator] = ofKind("Deployment", manifests);
    expect(operator?.spec).toMatchObject({ replicas: 0 });
  });
});

describe("in production", () => {
  const deployments = ofKind("Deployment");
  const doors = serviceNames.flatMap((name) => (name === "gateway" ? [name] : [name, `${name}-worker`]));

  test("both doors of each service run apart, and each says how it is", () => {
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(doors.sort());
    for (const one of deployments) {
      const probe = (path: string) => ({ httpGet: { path, port: "http" } });
      expect(containersOf(one)[0]).toMatchObject({
        startupProbe: probe("/readyz"),
        readinessProbe: probe("/readyz"),
        livenessProbe: probe("/healthz"),
      });
    }
  });

  test("each may lose one instance at a time, and has two at least", () => {
    const budgets = ofKind("PodDisruptionBudget");
    for (const one of deployments) {
      const budget = budgets.find(({ metadata }) => metadata.name === one.metadata.name);
      expect(budget?.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: labelsOf(one) } });
      const scaler = ofKind("HorizontalPodAutoscaler").find(({ metadata }) => metadata.name === one.metadata.name);
      const { replicas } = one.spec as { replicas?: number };
      const { minReplicas } = (scaler?.spec ?? {}) as { minReplicas?: number };
      expect([replicas, minReplicas].filter((count) => count !== undefined)).toEqual([2]);
    }
  });

  test("who asks whom is what the broker's rights say of it, and nothing else", () => {
    const policies = ofKind("NetworkPolicy");
    expect(policies.find(({ metadata }) => metadata.name === "nobody-talks")?.spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    const asked = Object.fromEntries(
      serviceNames.map((name) => [name, peersOf(policies, `${name}-asks`, /app\.kubernetes\.io\/name":"(\w+)"/g)]),
    );
    expect(asked).toEqual({
      gateway: ["inventory", "notify", "order", "worker"],
      order: ["inventory", "worker"],
      inventory: ["order", "worker"],
      notify: ["inventory", "order"],
      worker: ["order"],
    });
    for (const name of serviceNames.filter((each) => each !== "gateway")) {
      const askers = serviceNames.filter((each) => asked[each]?.includes(name)).sort();
      expect(peersOf(policies, `${name}-is-asked`, /"(gateway|order|inventory|notify|worker)"/g)).toEqual(askers);
    }
  });
});

/** The services that a policy names as its peers. */
function peersOf(policies: Manifest[], name: string, pattern: RegExp): string[] {
  const { ingress, egress } = (policies.find(({ metadata }) => metadata.name === name)?.spec ?? {}) as Tree;
  return [...JSON.stringify(ingress ?? egress ?? {}).matchAll(pattern)].map(([, peer = ""]) => peer).sort();
}
