import type { Caller } from "@orderflow/common/auth/caller";
import { createTokenSigner, internalTokenHeader } from "@orderflow/common/auth/internal-token";
import { newId } from "@orderflow/common/ids";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";
import { openApi } from "../api.ts";
import { readOrderConfig } from "../config.ts";
import { createContext, type OrderContext, type Overrides } from "../context.ts";
import type { OrderInternalRouter, OrderRouter } from "../handlers/router.ts";
import { type FakeInventory, fakeInventory } from "./fake-inventory.ts";

export type OpenOrder = {
  url: string;
  database: TestDatabase;
  context: OrderContext;
  inventory: FakeInventory;
  /** A client that the gateway vouches for. */
  as(caller: Caller): Promise<TRPCClient<OrderRouter>>;
  headersOf(caller: Caller): Promise<Record<string, string>>;
  /** A neighbour's client. */
  asService(name: string): Promise<TRPCClient<OrderInternalRouter>>;
  close(): Promise<void>;
};

/** The service behind a real socket, with its own database, and neighbours that are not there. */
export async function openOrder(overrides: Overrides = {}, settings: Record<string, string> = {}): Promise<OpenOrder> {
  const database = await createTestDatabase({ service: "order" });
  const { privateKeys, publicKeys } = await testKeys();
  const inventory = fakeInventory();
  const config = readOrderConfig({
    INSTANCE: `order-test-${newId()}`,
    PORT: "0",
    DISCOVERY: "static",
    LEAVE_MS: "0",
    DATABASE_URL: database.url,
    ALLOW_UNSAFE_DATABASE: "true",
    // biome-ignore lint/style/noProcessEnv: the test preload says there where the broker is.
    MQTT_URL: process.env.TEST_MQTT_URL,
    LOG_LEVEL: "silent",
    SERVICE_PRIVATE_KEY: privateKeys.order,
    SERVICE_PUBLIC_KEYS: publicKeys,
    ...settings,
  });
  const context = await createContext(config, { inventory, ...overrides });
  const door = await openApi(context);
  const url = `http://127.0.0.1:${door.port}`;

  async function headersOf(caller: Caller): Promise<Record<string, string>> {
    const signer = createTokenSigner({ issuer: "gateway", privateKey: privateKeys.gateway ?? "" });
    return { [internalTokenHeader]: await signer.sign(caller, "orderflow") };
  }

  return {
    url,
    database,
    context,
    inventory,
    headersOf,
    async as(caller) {
      const headers = await headersOf(caller);
      return createTRPCClient<OrderRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] });
    },
    async asService(name) {
      const signer = createTokenSigner({ issuer: name, privateKey: privateKeys[name] ?? "" });
      const token = await signer.sign({ role: "service", id: name, name, email: "" }, "order");
      const headers = { [internalTokenHeader]: token };
      return createTRPCClient<OrderInternalRouter>({ links: [httpLink({ url: `${url}/internal`, headers })] });
    },
    async close() {
      await door.close();
      await context.close();
      await database.drop();
    },
  };
}

export function aCustomer(): Caller {
  const id = newId();
  return { role: "customer", id, name: "Ada Lovelace", email: `${id}@example.com` };
}

export const operator: Caller = {
  role: "operator",
  id: "operator-1",
  name: "Grace Hopper",
  email: "grace@example.com",
};

/** What a client sends to place an order. */
export function aPlaceInput() {
  return {
    idempotencyKey: newId(),
    lines: [
      { sku: "TEA-1", quantity: 2 },
      { sku: "CUP-1", quantity: 1 },
    ],
    shippingAddress: {
      name: "Ada Lovelace",
      line1: "12 St James's Square",
      city: "London",
      postalCode: "SW1Y 4JH",
      country: "GB",
    },
  };
}
