import { anAddress } from "@orderflow/tools/testing/an-address";

/** What there is to ask about: the customer's order, and a product. */
export type World = { orderId: string; sku: string };

export type Row = {
  /** Who may ask. A row that says less than the procedure's own mark fails. */
  access: "anyone" | "customer" | "operator";
  /** Of a valid call, so that only who asks decides. */
  input: (world: World) => unknown;
  /** The reason another customer is refused for, where the thing asked about is the first one's. */
  hidden?: string;
};

const id = () => crypto.randomUUID();
const none = () => undefined;
const aKey = () => ({ idempotencyKey: id() });

const deadLetters = (service: string): Record<string, Row> => ({
  [`${service}.audit`]: { access: "operator", input: none },
  [`${service}.deadLetters.list`]: { access: "operator", input: () => ({}) },
  [`${service}.deadLetters.show`]: { access: "operator", input: () => ({ stream: "none", position: 1 }) },
  [`${service}.deadLetters.redrive`]: { access: "operator", input: () => ({ ...aKey(), stream: "none", key: "none" }) },
  [`${service}.deadLetters.discard`]: {
    access: "operator",
    input: () => ({ ...aKey(), stream: "none", position: 1, reason: "e2e" }),
  },
});

const ofOrder = ({ orderId }: World) => ({ orderId });
const ownOrder: Row = { access: "customer", input: ofOrder, hidden: "order_not_found" };

/** A row for every public procedure. */
export const authorizationRows: Record<string, Row> = {
  "account.me": { access: "customer", input: none },
  "account.sessions.list": { access: "customer", input: none },
  "account.sessions.revoke": { access: "customer", input: () => ({ sessionId: id() }) },
  "account.apiKeys.list": { access: "customer", input: none },
  "account.apiKeys.create": {
    access: "customer",
    input: () => ({ ...aKey(), name: "matrix", scopes: ["order:read"] }),
  },
  "account.apiKeys.revoke": { access: "customer", input: () => ({ apiKeyId: id() }) },

  "settings.list": { access: "operator", input: none },
  "settings.get": { access: "operator", input: () => ({ service: "order" }) },
  "settings.history": { access: "operator", input: () => ({ service: "order" }) },
  "settings.compare": { access: "operator", input: () => ({ service: "order", from: 0, to: 0 }) },
  "settings.change": {
    access: "operator",
    input: () => ({ ...aKey(), service: "order", expectedVersion: 999_999, values: {}, reason: "e2e" }),
  },
  "settings.rollBack": {
    access: "operator",
    input: () => ({ ...aKey(), service: "order", expectedVersion: 999_999, toVersion: 0, reason: "e2e" }),
  },

  "order.place": {
    access: "customer",
    input: ({ sku }) => ({ ...aKey(), lines: [{ sku, quantity: 1 }], shippingAddress: anAddress }),
  },
  "order.byId": ownOrder,
  "order.list": { access: "customer", input: () => ({}) },
  "order.timeline": ownOrder,
  "order.watch": ownOrder,
  "order.feed": { access: "operator", input: () => ({}) },
  "order.cancel": { ...ownOrder, input: ({ orderId }) => ({ ...aKey(), orderId, reason: "e2e" }) },
  "order.bringBack": {
    access: "operator",
    input: ({ sku }) => ({
      ...aKey(),
      created: {
        orderId: id(),
        number: "2026-000001",
        customerId: id(),
        contact: { name: "Ada", email: "ada@example.com" },
        total: { amountMinor: 1, currency: "EUR" },
        lines: [{ sku, name: "Mug", quantity: 1, unitPrice: { amountMinor: 1, currency: "EUR" } }],
        shippingAddress: anAddress,
        placedAt: new Date().toISOString(),
      },
    }),
  },
  ...deadLetters("order"),

  "inventory.search": { access: "anyone", input: () => ({}) },
  "inventory.bySku": { access: "anyone", input: ({ sku }) => ({ sku }) },
  "inventory.availability": { access: "anyone", input: ({ sku }) => ({ skus: [sku] }) },
  "inventory.createProduct": {
    access: "operator",
    input: () => ({ ...aKey(), sku: `E2E-${id()}`, name: "Mug", unitPrice: { amountMinor: 1, currency: "EUR" } }),
  },
  "inventory.updateProduct": { access: "operator", input: ({ sku }) => ({ ...aKey(), sku, description: "e2e" }) },
  "inventory.adjust": { access: "operator", input: ({ sku }) => ({ ...aKey(), sku, delta: 1, reason: "e2e" }) },
  "inventory.movements": { access: "operator", input: ({ sku }) => ({ sku }) },
  ...deadLetters("inventory"),

  "notify.deliveries": { access: "operator", input: () => ({}) },
  "notify.retryDelivery": { access: "operator", input: () => ({ ...aKey(), deliveryId: id() }) },
  ...deadLetters("notify"),

  "worker.shipments": { access: "operator", input: () => ({}) },
  "worker.jobs": { access: "operator", input: () => ({}) },
  "worker.rerunJob": { access: "operator", input: () => ({ ...aKey(), jobId: "999999999" }) },
  ...deadLetters("worker"),
};
