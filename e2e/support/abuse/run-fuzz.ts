import fc from "fast-check";
import type { Headers } from "../callers.ts";
import { publicProcedures } from "../procedures.ts";
import { accountRequest } from "./account-requests.ts";
import type { FuzzCaller, FuzzRequest } from "./fuzz-request.ts";
import { readDocument, restRequest } from "./rest-requests.ts";
import { batchRequest, rpcRequest } from "./rpc-requests.ts";
import { type Finding, sendRequest } from "./send-request.ts";
import type { Pools } from "./valid-value.ts";

export type FuzzOptions = {
  gateway: string;
  requests: number;
  /** The same one makes the same requests, but for the ids that it is given. */
  seed: number;
  credentials: Record<FuzzCaller, Headers>;
  pools: Pools;
  /** How many wait for an answer at once. */
  atOnce?: number;
  onProgress?: (sent: number) => void;
};

export type FuzzReport = {
  requests: number;
  elapsedMs: number;
  /** How many were answered with each status. */
  statuses: Record<string, number>;
  /** How many procedures and REST operations were asked, and those where no request came further than the door. */
  asked: number;
  neverReached: string[];
  findings: Finding[];
};

const chunk = 500;
/** Of a rule that said no, so that the input was good enough for it: not found, conflict, gone on, unprocessable. */
const rules = new Set([404, 409, 412, 422]);

/** Sends requests made from the schemas of everything that can be asked, and collects what should not have come back. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { gateway, seed, credentials, atOnce = 8, onProgress } = options;
  const requests = await requestArbitrary(options);
  const startedAt = performance.now();
  const statuses: Record<string, number> = {};
  const asked = new Set<string>();
  const reached = new Set<string>();
  const findings: Finding[] = [];
  let made = 0;
  while (made < options.requests) {
    const count = Math.min(chunk, options.requests - made);
    const waiting = fc.sample(requests, { seed: seed + made, numRuns: count });
    await Promise.all(Array.from({ length: atOnce }, sendAll));
    made += count;
    onProgress?.(made);

    async function sendAll(): Promise<void> {
      for (let request = waiting.pop(); request; request = waiting.pop()) {
        const { status, finding } = await sendRequest(gateway, request, credentials[request.caller]);
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (isOwn(request)) asked.add(request.about);
        if (status < 300 || rules.has(status)) reached.add(request.about);
        if (finding) findings.push(finding);
      }
    }
  }
  const elapsedMs = performance.now() - startedAt;
  const neverReached = [...asked].filter((about) => !reached.has(about)).sort();
  return { requests: made, elapsedMs, statuses, asked: asked.size, neverReached, findings };
}

/** Neither a batch of any names, nor a method that the operation is not for. */
function isOwn({ about, path }: FuzzRequest): boolean {
  return !about.startsWith("batch ") && !path.startsWith("/auth/") && !/^(?:DELETE|PATCH|HEAD) /.test(about);
}

async function requestArbitrary({ gateway, pools }: FuzzOptions): Promise<fc.Arbitrary<FuzzRequest>> {
  const procedures = publicProcedures();
  const document = await readDocument(gateway);
  return fc.oneof(
    { weight: 10, arbitrary: rpcRequest(procedures, pools) },
    { weight: 4, arbitrary: batchRequest(procedures, pools) },
    { weight: document ? 8 : 0, arbitrary: document ? restRequest(document, pools) : fc.constant(never()) },
    { weight: 1, arbitrary: accountRequest },
  );
}

/** Never drawn: its weight is 0. */
function never(): FuzzRequest {
  return { about: "nothing", caller: "nobody", method: "GET", path: "/", headers: {}, body: undefined };
}
