import type { Customer } from "../shop.ts";

/** What was made while the shop was prepared. */
export type MedusaShop = { key: string; region: string; shipping: string; variants: string[] };

const password = "a-password-of-the-benchmark";
const address = {
  ...{ first_name: "Ada", last_name: "Lovelace", address_1: "Example Road 1", city: "Berlin" },
  ...{ postal_code: "10115", country_code: "de" },
};

class Refused extends Error {}

/** Signs up, and in. */
export async function signIn(url: string, shop: MedusaShop, index: number): Promise<Customer> {
  const email = `client-${index}@example.com`;
  let token = "";

  async function post<Answer>(path: string, body: object = {}): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: {
        ...{ "content-type": "application/json", "x-publishable-api-key": shop.key },
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok)
      throw new Refused(`${path.replace(/\w+_01\w+/g, ":id")} ${response.status} ${answer.slice(0, 300)}`);
    return JSON.parse(answer);
  }

  async function enter(path: string): Promise<void> {
    ({ token } = await post<{ token: string }>(path, { email, password }));
  }

  await enter("/auth/customer/emailpass").catch(async () => {
    await enter("/auth/customer/emailpass/register");
    await post("/store/customers", { email });
    // The token of the registration names no customer yet.
    token = "";
    await enter("/auth/customer/emailpass");
  });

  /** None of the requests can be left out. Each asks for no more than an id in return. */
  async function checkOut(products: number[]): Promise<void> {
    const { cart } = await post<{ cart: { id: string } }>("/store/carts?fields=id", {
      ...{ region_id: shop.region, email, shipping_address: address, billing_address: address },
      items: products.map((product) => ({ variant_id: shop.variants[product], quantity: 1 })),
    });
    await post(`/store/carts/${cart.id}/shipping-methods?fields=id`, { option_id: shop.shipping });
    const { payment_collection: payment } = await post<{ payment_collection: { id: string } }>(
      "/store/payment-collections?fields=id",
      { cart_id: cart.id },
    );
    await post(`/store/payment-collections/${payment.id}/payment-sessions?fields=id`, {
      provider_id: "pp_system_default",
    });
    const completed = await post<{ type: string }>(`/store/carts/${cart.id}/complete?fields=id`);
    if (completed.type !== "order") throw new Refused(JSON.stringify(completed));
  }

  return {
    place: (products) =>
      checkOut(products).then(
        () => true,
        (error) => {
          if (error instanceof Refused && /inventory|stock/i.test(error.message)) return false;
          throw error;
        },
      ),
  };
}
