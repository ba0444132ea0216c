import type { Manifest } from "./render.ts";

type Validate = {
  (value: unknown): boolean;
  errors?: { instancePath: string; message?: string; keyword: string }[] | null;
};

const schemas: Record<string, string> = {
  "v1 Namespace": "CoreV1Namespace",
  "v1 ConfigMap": "CoreV1ConfigMap",
  "v1 Service": "CoreV1Service",
  "apps/v1 Deployment": "AppsV1Deployment",
  "batch/v1 Job": "BatchV1Job",
  "batch/v1 CronJob": "BatchV1CronJob",
  "policy/v1 PodDisruptionBudget": "PolicyV1PodDisruptionBudget",
  "autoscaling/v2 HorizontalPodAutoscaler": "AutoscalingV2HorizontalPodAutoscaler",
  "networking.k8s.io/v1 NetworkPolicy": "NetworkingV1NetworkPolicy",
};

/** What the API's schema says against a manifest, fields that it does not know included. */
export async function problemsOf(manifest: Manifest): Promise<string[]> {
  const kind = `${manifest.apiVersion} ${manifest.kind}`;
  const schema = schemas[kind];
  if (!schema) return [`no schema for ${kind} is named in the test`];
  const { validate } = (await import(`kubernetes-models/_schemas/IoK8sApi${schema}`)) as { validate: Validate };
  const watched = watch(manifest);
  const isValid = validate(watched.value);
  const errors = isValid
    ? []
    : (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath}: ${keyword}`);
  return [...errors, ...watched.unread().map((path) => `${path}: no such field`)];
}

type Watched = { value: unknown; unread(): string[] };

/** The schemas accept fields they do not know. They also never read them, which this notes. */
function watch(value: unknown, path = ""): Watched {
  if (typeof value !== "object" || value === null) return { value, unread: () => [] };
  const parts = Object.entries(value).map(([key, part]) => [key, watch(part, `${path}/${key}`)] as const);
  const read = new Set<string>();
  const copy: object = Array.isArray(value)
    ? parts.map(([, part]) => part.value)
    : Object.fromEntries(parts.map(([key, part]) => [key, part.value]));
  const proxy = new Proxy(copy, {
    get(target, key) {
      if (typeof key === "string") read.add(key);
      return Reflect.get(target, key);
    },
  });
  const unread = () => parts.flatMap(([key, part]) => (read.has(key) ? part.unread() : [`${path}/${key}`]));
  return { value: proxy, unread };
}
