import type { Session } from "./accounts.ts";
import type { Observer } from "./calls.ts";
import type { Client } from "./create-client.ts";
import type { Follow } from "./follow.ts";
import { isOrderflowError } from "./orderflow-error.ts";
import type { SendCall } from "./send-call.ts";

type Options = { session: Session; sendCall: SendCall; follow: Follow };
type Given = [input?: unknown, rest?: never];
type Act = (path: string, given: Given) => unknown;

/** `client.order.place.mutate(…)` becomes a mutation of `order.place`: the names are the server's, none is known here. */
export function createCallProxy({ session, sendCall, follow }: Options): Client {
  const acts: Record<string, Act> = {
    query: (path, [input, options]) => sendCall({ path, type: "query", input, options: options ?? {} }),
    mutate: (path, [input, options]) => sendCall({ path, type: "mutation", input, options: options ?? {} }),
    follow: (path, [input, options]) => follow(path, input, options ?? {}),
    subscribe(path, [input, observer]) {
      if (observer === undefined) throw new TypeError(`${path}.subscribe needs an observer`);
      return subscribe(follow, { path, input, observer });
    },
  };
  return nodeAt([], { acts, session }) as Client;
}

function nodeAt(names: string[], tree: { acts: Record<string, Act>; session: Session }): unknown {
  return new Proxy(() => undefined, {
    get(_target, name) {
      // A promise is known by its `then`: awaiting a part of the client must not call the server.
      if (typeof name !== "string" || name === "then") return undefined;
      if (names.length === 0 && name === "session") return tree.session;
      return nodeAt([...names, name], tree);
    },
    apply(_target, _self, given: Given) {
      const path = names.slice(0, -1).join(".");
      const act = tree.acts[names.at(-1) ?? ""];
      if (act === undefined || path === "")
        throw new TypeError(`${names.join(".")} is no call: end it with query, mutate, follow or subscribe`);
      return act(path, given);
    },
  });
}

type Subscribing = { path: string; input: unknown; observer: Observer<unknown> };

function subscribe(follow: Follow, { path, input, observer }: Subscribing): { unsubscribe(): void } {
  const leaving = new AbortController();
  const run = async () => {
    try {
      for await (const item of follow(path, input, { signal: leaving.signal, onConnection: observer.onConnection })) {
        if (leaving.signal.aborted) return;
        observer.onData(item);
      }
      if (!leaving.signal.aborted) observer.onComplete?.();
    } catch (error) {
      // What the observer itself threw is the application's, and must not look like the shop's.
      if (!isOrderflowError(error)) throw error;
      if (!leaving.signal.aborted) observer.onError?.(error);
    }
  };
  void run();
  return { unsubscribe: () => leaving.abort() };
}
