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

/** While an app stops, each answer is the last on its connection: whoever asked next would ask a server that is gone. */
export function partingFrom(stopping: AbortSignal, response: Response): Response {
  if (stopping.aborted) response.headers.set("connection", "close");
  return response;
}
