import type { AnyElysia } from "elysia";

/** Whether an app still wants calls. `stopping` fires once, when it begins to close. */
export type Lifecycle = { stopping: AbortSignal; stop(): void };

const lifecycles = new WeakMap<AnyElysia, Lifecycle>();

/** The lifecycle of this app, the same at every call. */
export function lifecycleOf(app: AnyElysia): Lifecycle {
  const known = lifecycles.get(app);
  if (known !== undefined) return known;
  const controller = new AbortController();
  const lifecycle = { stopping: controller.signal, stop: () => controller.abort() };
  lifecycles.set(app, lifecycle);
  return lifecycle;
}
