import { Unavailable } from "@orderflow/common/errors";
import { secure } from "@orderflow/common/http/security-headers";
import { callError } from "../forwarding/call-error.ts";
import { problemResponse } from "../rest/problem-response.ts";
import type { Route } from "./refuse-too-many.ts";

const message = "More calls are under way than can be answered in time";
const status = 503;
/** Who are refused together had better not come back together. */
const retryAfterS = { min: 1, max: 3 };
const error = callError(new Unavailable("overloaded", message, { retryAfterS: retryAfterS.min }), {
  path: "",
  traceId: "",
});
const json = {
  "/trpc": JSON.stringify(error),
  "/auth": JSON.stringify({ code: "SERVICE_UNAVAILABLE", message }),
};

/** 503 in the words of the route that was asked. It is the cheapest answer there is: without a trace, a log line or ids. */
export function refuseOverload(request: Request, route: Route): Response {
  const { min, max } = retryAfterS;
  const headers = new Headers({ "retry-after": String(min + Math.floor(Math.random() * (max - min + 1))) });
  secure(headers);
  if (route === "/api/v1") {
    const instance = new URL(request.url).pathname;
    return problemResponse({ status, reason: "overloaded", detail: message, instance, traceId: undefined }, headers);
  }
  headers.set("content-type", "application/json");
  return new Response(json[route], { status, headers });
}
