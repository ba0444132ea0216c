import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder, operator } from "../testing/open-order.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

test("an operator is told what was checked and what is wrong", async () => {
  const customer = await order.as(aCustomer());
  await customer.place.mutate(aPlaceInput());
  const client = await order.as(operator);
  const clean = await client.audit.query();
  expect(clean.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  expect(clean.invariants.find(({ name }) => name === "order-events")).toMatchObject({ checked: 1, failure: null });

  const stranger = newId();
  await order.database.sql`
    insert into idempotency_key (caller_id, key, request_hash, order_id) values ('c', ${newId()}, 'h', ${stranger})`;
  const { invariants } = await client.audit.query();
  expect(invariants.find(({ violations }) => violations > 0)).toMatchObject({
    name: "idempotency-keys",
    violations: 1,
    examples: [{ problem: expect.stringContaining(stranger) }],
  });
});

test("a customer is not told", async () => {
  const customer = await order.as(aCustomer());
  await expect(customer.audit.query()).rejects.toMatchObject({ data: { code: "FORBIDDEN" } });
});
