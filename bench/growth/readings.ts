import type { Random } from "@orderflow/tools/chaos/seeded-random";

/** What a shop has that can be read: drawn from its databases before the measurement. */
export type Readable = {
  /** Of orders at random. */
  orderIds: string[];
  /** Of orders at random of the customer that has many. */
  ownOrderIds: string[];
  skus: string[];
};

type Who = "customer" | "operator";
export type Query = { procedure: string; input: object };
export type Reading = { name: string; who: Who; query: (readable: Readable, random: Random) => Query };

const page = { limit: 20 };
const orderCursor = (id: string) => Buffer.from(id).toString("base64url");

const oneOf = (values: string[], random: Random) => values[random.whole(0, values.length - 1)] ?? "";

const list = (name: string, who: Who, filter: object, isDeep = false): Reading => ({
  name,
  who,
  query: ({ orderIds, ownOrderIds }, random) => {
    const ids = who === "customer" ? ownOrderIds : orderIds;
    const cursor = isDeep ? { cursor: orderCursor(oneOf(ids, random)) } : {};
    return { procedure: "order.list", input: { ...page, ...filter, ...cursor } };
  },
});

const search = (name: string, input: (readable: Readable, random: Random) => object): Reading => ({
  name,
  who: "customer",
  query: (readable, random) => ({ procedure: "inventory.search", input: { ...page, ...input(readable, random) } }),
});

const ofOrder = (procedure: string): Reading => ({
  name: procedure,
  who: "operator",
  query: ({ orderIds }, random) => ({ procedure, input: { orderId: oneOf(orderIds, random) } }),
});

const listing = (name: string, procedure: string, input: object): Reading => ({
  ...{ name, who: "operator", query: () => ({ procedure, input: { ...page, ...input } }) },
});

const nouns = ["mug", "shirt", "lamp", "bag", "bench", "chair", "table", "plate", "spoon", "clock"] as const;

export const readings: Reading[] = [
  ofOrder("order.byId"),
  ofOrder("order.timeline"),
  list("order.list, all, newest", "operator", {}),
  list("order.list, all, deep", "operator", {}, true),
  list("order.list, delivered, newest", "operator", { status: "delivered" }),
  list("order.list, delivered, deep", "operator", { status: "delivered" }, true),
  list("order.list, rejected, deep", "operator", { status: "rejected" }, true),
  list("order.list, shipped (there is none)", "operator", { status: "shipped" }),
  list("order.list, own of many, newest", "customer", {}),
  list("order.list, own of many, deep", "customer", {}, true),
  list("order.list, own of many, cancelled", "customer", { status: "cancelled" }),
  list("order.list, own of many, shipped (none)", "customer", { status: "shipped" }),
  search("inventory.search, no text", () => ({})),
  search("inventory.search, no text, deep", ({ skus }, random) => ({ cursor: orderCursor(oneOf(skus, random)) })),
  search("inventory.search, a word of a tenth", (_, random) => ({ text: random.pick(nouns) })),
  search("inventory.search, the same, deep", ({ skus }, random) => ({
    text: random.pick(nouns),
    cursor: orderCursor(oneOf(skus, random)),
  })),
  search("inventory.search, two words", (_, random) => ({ text: `blue ${random.pick(nouns)}` })),
  search("inventory.search, one product", ({ skus }, random) => ({
    text: oneOf(skus, random).slice("GROWTH-".length),
  })),
  search("inventory.search, a beginning", (_, random) => ({ text: `00${random.whole(0, 9)}` })),
  search("inventory.search, nothing", () => ({ text: "unfindable" })),
  listing("notify.deliveries, newest", "notify.deliveries", {}),
  listing("notify.deliveries, failed (there is none)", "notify.deliveries", { status: "failed" }),
  listing("worker.shipments, newest", "worker.shipments", {}),
  listing("worker.shipments, requested (there is none)", "worker.shipments", { status: "requested" }),
  {
    name: "inventory.movements",
    who: "operator",
    query: ({ skus }, random) => ({ procedure: "inventory.movements", input: { ...page, sku: oneOf(skus, random) } }),
  },
];
