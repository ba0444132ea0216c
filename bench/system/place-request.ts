import type { Random } from "@orderflow/tools/chaos/seeded-random";
import { anAddress } from "@orderflow/tools/testing/an-address";
import type { Scenario } from "./bench-options.ts";
import { catalogueOf, drawLines } from "./draw-lines.ts";
import type { HttpRequest } from "./http-connection.ts";

/** An order of this scenario, under a key of its own. */
export function placeRequest(scenario: Scenario, random: Random, catalogue = catalogueOf(scenario)): HttpRequest {
  const lines = drawLines(scenario, random, catalogue);
  const body = JSON.stringify({ idempotencyKey: crypto.randomUUID(), lines, shippingAddress: anAddress });
  return { method: "POST", path: "/trpc/order.place", body };
}
