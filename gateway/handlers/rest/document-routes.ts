import { createAsyncApi } from "@orderflow/common/asyncapi/create-asyncapi";
import { refusalCodes } from "@orderflow/common/errors";
import { secureJson } from "@orderflow/common/http/security-headers";
import { serveDocuments } from "@orderflow/common/http/serve-documents";
import type { createServiceApp } from "@orderflow/common/http/service-app";
import { problemTitle, problemType } from "@orderflow/common/openapi/problem";
import type { RestApi } from "./rest-api.ts";

/** Besides those that the rules refuse for. */
const otherReasons = [
  "invalid_input",
  "unauthenticated",
  "forbidden",
  "unknown_path",
  "unknown_procedure",
  "method_not_supported",
  "payload_too_large",
  "unsupported_media_type",
  "rate_limited",
  "overloaded",
  "dependency_unavailable",
];
const reasons: ReadonlySet<string> = new Set([...Object.keys(refusalCodes), ...otherReasons]);

/** What can be read about the API: both documents, a page for people, and each kind of problem at its own place. */
export function addDocumentRoutes(app: ReturnType<typeof createServiceApp>, api: RestApi): void {
  serveDocuments(app, { title: "orderflow", readJson: api.documentJson, isCallable: true });
  const asyncApi = createAsyncApi();
  app
    .get("/asyncapi.json", () => secureJson(asyncApi))
    .get("/problems/:reason", ({ params: { reason } }) =>
      reasons.has(reason)
        ? secureJson({ type: problemType(reason), title: problemTitle(reason), reason })
        : secureJson({ status: "not_found" }, 404),
    );
}
