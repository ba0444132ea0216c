import { expect, test } from "bun:test";
import { Refusal } from "@orderflow/common/errors";
import type { Event } from "@orderflow/common/messaging/event";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { createOrderCounters } from "./count-orders.ts";

const told = (type: string, data: unknown = {}) => ({ type, data }) as Event;

test("orders are counted by the state they enter, and by why they were refused", async () => {
  const metrics = createMetrics({ service: "order", instance: "order-1", defaults: false });
  const counters = createOrderCounters(metrics);
  counters.told([
    told("order.created"),
    told("order.created"),
    told("order.confirmed"),
    told("fulfil-order"),
    told("order.rejected", { reason: "out_of_stock" }),
  ]);
  const answers = [{ id: "1" }, new Refusal("unknown_sku", "No such product"), new Error("a fault")];
  expect(counters.answered(answers)).toBe(answers);

  const { body } = await metrics.exposition();
  const own = (name: string) => body.split("\n").filter((line) => line.startsWith(`${name}{`));
  const short = (line: string) => line.replace(',service="order",instance="order-1"', "");
  expect(own("orders_entered_state_total").map(short)).toEqual([
    'orders_entered_state_total{state="pending"} 2',
    'orders_entered_state_total{state="confirmed"} 1',
    'orders_entered_state_total{state="rejected"} 1',
  ]);
  expect(own("orders_refused_total").map(short)).toEqual([
    'orders_refused_total{reason="out_of_stock",at="reserving"} 1',
    'orders_refused_total{reason="unknown_sku",at="placing"} 1',
  ]);
});
