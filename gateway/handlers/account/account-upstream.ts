import type { TokenVerifier } from "@orderflow/common/auth/internal-token";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import type { Upstream } from "../../providers/upstream.ts";
import { createOwnUpstream } from "../own-upstream.ts";
import { accountDocument } from "./document.ts";
import { accountRouter } from "./router.ts";
import type { AccountHandling } from "./trpc.ts";

type Options = AccountHandling & { verifier: TokenVerifier; logger: Logger; metrics: Metrics };

export function createAccountUpstream({ verifier, logger, metrics, ...handling }: Options): Upstream {
  const own = { service: "account", router: accountRouter, document: accountDocument };
  return createOwnUpstream({ ...own, handling, verifier, logger, metrics });
}
