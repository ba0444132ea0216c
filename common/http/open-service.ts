import type { AnyTRPCRouter, inferRouterContext } from "@trpc/server";
import type { AnyElysia } from "elysia";
import { neighbourCaller, publicCaller } from "../auth/authenticate.ts";
import type { Caller } from "../auth/caller.ts";
import type { TokenVerifier } from "../auth/internal-token.ts";
import type { Broker } from "../messaging/broker.ts";
import type { StreamHeads } from "../messaging/stream-heads.ts";
import { readDeadline, requireTime } from "../resilience/deadline.ts";
import type { Peers } from "../resilience/peers.ts";
import type { CallScope } from "../trpc/context.ts";
import type { CallFailure } from "../trpc/exchange.ts";
import { gatheredEndpoint } from "../trpc/gathered-calls.ts";
import { createTrpcHandler, type TrpcHandler, trpcRoute } from "../trpc/plugin.ts";
import { procedureTypesOf } from "../trpc/procedure-types.ts";
import { isFault } from "../trpc/translate-error.ts";
import { answerGathered } from "./answer-gathered.ts";
import { lifecycleOf, partingFrom } from "./lifecycle.ts";
import { openAnnounced, type ServiceIdentity } from "./open-announced.ts";
import type { OpenDoor } from "./open-app.ts";
import { recordCall } from "./request-metrics.ts";
import { inRequestScope, type RequestScope } from "./request-scope.ts";
import { secureJson } from "./security-headers.ts";
import { createServiceApp, type ServiceAppOptions } from "./service-app.ts";

export type OpenServiceOptions<
  Public extends AnyTRPCRouter = AnyTRPCRouter,
  Internal extends AnyTRPCRouter = AnyTRPCRouter,
> = Omit<ServiceAppOptions, "service"> & {
  config: ServiceIdentity;
  /** Where this instance announces itself; without one it is found by its configured URL alone. */
  broker?: Broker;
  /** Where the streams end that this service produces, announced there. */
  heads?: () => Promise<StreamHeads>;
  /** What is known of this service's peers, for `/readyz`. */
  peers?: Pick<Peers, "announced">;
  /** Served at `/trpc` to whom the gateway vouches for, and to nobody in particular without a token. */
  publicRouter: Public;
  /** Served at `/internal` to services. */
  internalRouter: Internal;
  /** Its audience is "orderflow" and this service. */
  verifier: TokenVerifier;
  /** Makes what handlers use of who calls and which call it is. */
  createContext: (scope: CallScope) => Awaitable<inferRouterContext<Public> & inferRouterContext<Internal>>;
  /** Adds further routes, such as the API's documentation. */
  extend?: (app: AnyElysia) => void;
};

type Awaitable<T> = T | Promise<T>;

type Mount = {
  endpoint: string;
  router: AnyTRPCRouter;
  authenticate: (headers: Headers, verifier: TokenVerifier) => Promise<Caller>;
};

/** The whole HTTP door of a service: its procedures for both worlds, health, readiness and metrics. */
export async function openService<Public extends AnyTRPCRouter, Internal extends AnyTRPCRouter>(
  options: OpenServiceOptions<Public, Internal>,
): Promise<OpenDoor> {
  const { config, logger, metrics, checks, publicRouter, internalRouter, broker, heads, peers, verifier } = options;
  const instances = peers && (() => peers.announced());
  const app = createServiceApp({ service: config.service, logger, metrics, checks, ...(instances && { instances }) });
  const { stopping } = lifecycleOf(app);
  const answerPublic = answerer(
    { endpoint: "/trpc", router: publicRouter, authenticate: publicCaller },
    options,
    stopping,
  );
  const internal: Mount = { endpoint: "/internal", router: internalRouter, authenticate: neighbourCaller };
  app.use(trpcRoute("/trpc", answerPublic));
  app.use(trpcRoute(internal.endpoint, answerer(internal, options, stopping)));
  const gathered = { answer: answerPublic, verifier, logger };
  app.post(gatheredEndpoint, async ({ request }) => partingFrom(stopping, await answerGathered(request, gathered)), {
    parse: "none",
  });
  app.get("/procedures", () => secureJson(procedureTypesOf(publicRouter)));
  options.extend?.(app);
  return openAnnounced(app, { config, logger, checks, heads, ...(broker && { broker }) });
}

function answerer(
  { endpoint, router, authenticate }: Mount,
  options: OpenServiceOptions,
  stopping: AbortSignal,
): TrpcHandler {
  const { logger, metrics, verifier, createContext } = options;
  return createTrpcHandler<AnyTRPCRouter, RequestScope>(router, {
    endpoint,
    stopping,
    scope: async (request, handle) => {
      const scope = { logger, metrics, route: endpoint, deadlineAt: readDeadline(request.headers) };
      return partingFrom(stopping, await inRequestScope(request, scope, handle));
    },
    createContext: async ({ req, scope }) => {
      requireTime();
      return createContext({ ...scope, caller: await authenticate(req.headers, verifier) });
    },
    onCall: (outcome) => recordCall(metrics, outcome),
    onError: (failure) => logFailure(failure, options),
  });
}

/** A fault is logged whole; the caller is told its trace id alone. */
function logFailure({ error, path, type }: CallFailure, { logger }: OpenServiceOptions): void {
  if (isFault(error)) logger.error({ err: error.cause ?? error, procedure: path, type }, "A call failed unexpectedly");
}
