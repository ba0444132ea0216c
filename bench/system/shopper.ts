import type { Random } from "@orderflow/tools/chaos/seeded-random";
import type { Scenario } from "./bench-options.ts";
import type { Catalogue } from "./draw-lines.ts";
import type { HttpAnswer, HttpConnection, HttpRequest } from "./http-connection.ts";
import { placeRequest } from "./place-request.ts";

export type Step = "place" | "byId" | "list" | "search" | "cancel" | "watch";
export type Taken = {
  step: Step;
  ms: number;
  isAccepted: boolean;
  /** By a rule of the shop, such as out of stock, and not for want of power. */
  isRefused: boolean;
  /** 0 when it was not told to come back later. */
  retryAfterS: number;
};

type Options = {
  connection: HttpConnection;
  watch: (orderId: string) => Promise<void>;
  random: Random;
  catalogue?: Catalogue | undefined;
};

const words = ["mug", "shirt", "lamp", "bag", "bench"] as const;
const keptOrders = 50;

/** Somebody who takes one step after another: only places, or, in `mixed`, also looks around and changes their mind. */
export function createShopper(scenario: Scenario, { connection, watch, random, catalogue }: Options) {
  const mine: string[] = [];

  async function take(step: Step): Promise<Taken> {
    const startedAt = performance.now();
    const { status, body, retryAfterS } = await answerTo(step);
    const ms = performance.now() - startedAt;
    if (step === "place" && status === 200) remember(JSON.parse(body.toString()).result.data.id);
    if (step === "cancel") mine.pop();
    const isRefused = status >= 400 && status < 500 && status !== 429;
    return { step, ms, isAccepted: status === 200, isRefused, retryAfterS: retryAfterS ?? 0 };
  }

  function remember(orderId: string): void {
    mine.push(orderId);
    if (mine.length > keptOrders) mine.shift();
  }

  async function answerTo(step: Step): Promise<HttpAnswer> {
    const orderId = mine.at(-1);
    if (orderId === undefined || step === "place") return connection.ask(placeRequest(scenario, random, catalogue));
    if (step !== "watch") return connection.ask(asking(step, orderId));
    await watch(orderId);
    return { status: 200, body: Buffer.alloc(0) };
  }

  function asking(step: Exclude<Step, "place" | "watch">, orderId: string): HttpRequest {
    if (step === "byId") return query("order.byId", { orderId });
    if (step === "list") return query("order.list", { limit: 20 });
    if (step === "search") return query("inventory.search", { text: random.pick(words), limit: 20 });
    const body = JSON.stringify({ idempotencyKey: crypto.randomUUID(), orderId, reason: "No longer needed" });
    return { method: "POST", path: "/trpc/order.cancel", body };
  }

  function next(): Step {
    if (scenario !== "mixed" || mine.length === 0) return "place";
    const draw = random.next();
    if (draw < 0.4) return "place";
    if (draw < 0.65) return "byId";
    if (draw < 0.75) return "list";
    if (draw < 0.9) return "search";
    return draw < 0.95 ? "cancel" : "watch";
  }

  return { step: () => take(next()) };
}

function query(procedure: string, input: object): HttpRequest {
  return { method: "GET", path: `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}` };
}
