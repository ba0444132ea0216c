import type { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Elysia } from "elysia";
import { Unavailable } from "../../errors.ts";
import type { CallFailure, CallOutcome } from "../exchange.ts";
import { trpc } from "../plugin.ts";
import { type SampleContext, sampleRouter } from "./sample-router.ts";

export type Served = {
  url: string;
  aborted: string[];
  failures: string[];
  outcomes: CallOutcome[];
  close(): Promise<void>;
};

const endpoint = "/trpc";

function contextFor(request: Request, aborted: string[]): SampleContext {
  const user = request.headers.get("x-user") ?? "someone";
  if (user === "unreadable") throw new Error("secret context");
  return { user, aborted };
}

/** The sample router behind our plugin. */
export function serveOurs(options: { stopping?: AbortSignal; maxBodyBytes?: number } = {}): Served {
  const aborted: string[] = [];
  const failures: string[] = [];
  const outcomes: CallOutcome[] = [];
  const plugin = trpc(sampleRouter, {
    endpoint,
    ...options,
    createContext: ({ req, resHeaders }) => {
      if (req.headers.has("x-colour")) resHeaders.set("x-colour", "blue");
      return contextFor(req, aborted);
    },
    onError: (failure: CallFailure) => failures.push(describe(failure)),
    onCall: (outcome) => outcomes.push(outcome),
  });
  const app = new Elysia().use(plugin).listen({ port: 0, hostname: "127.0.0.1", idleTimeout: 0 });
  const url = `http://127.0.0.1:${app.server?.port}${endpoint}`;
  return { url, aborted, failures, outcomes, close: async () => void (await app.server?.stop(true)) };
}

/** The same behind the library's adapter, which ours is held to. */
export function serveTheirs(): Served {
  const aborted: string[] = [];
  const failures: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (req) =>
      fetchRequestHandler({
        endpoint,
        req,
        router: sampleRouter,
        createContext: ({ resHeaders }) => {
          if (req.headers.has("x-colour")) resHeaders.set("x-colour", "blue");
          return contextFor(req, aborted);
        },
        onError: (failure) => failures.push(describe(failure)),
        responseMeta: ({ errors }) => retryAfter(errors),
        maxBatchSize: 50,
        allowMethodOverride: true,
      }),
  });
  const url = `http://127.0.0.1:${server.port}${endpoint}`;
  return { url, aborted, failures, outcomes: [], close: () => server.stop(true) };
}

function describe({ error, path, type }: Pick<CallFailure, "error" | "path" | "type">): string {
  return `${type} ${path} ${error.code}`;
}

function retryAfter(errors: TRPCError[]): { headers?: Headers } {
  const waits = errors.flatMap(({ cause }) => (cause instanceof Unavailable ? [cause.retryAfterS] : []));
  return waits.length === 0 ? {} : { headers: new Headers({ "retry-after": String(Math.max(...waits)) }) };
}
