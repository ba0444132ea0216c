import type { Customer } from "../shop.ts";

type Answers = { addPaymentToOrder: { state?: string } };

const refusal = "... on ErrorResult { errorCode message }";
const signInDocument = `mutation ($email: String!, $password: String!) {
  login(username: $email, password: $password) { __typename ${refusal} }
}`;
const signUpDocument = `mutation ($input: RegisterCustomerInput!) {
  registerCustomerAccount(input: $input) { __typename ${refusal} }
}`;
/** The mutations of a document run one after another, each in a transaction of its own. */
const checkout = `mutation ($lines: [AddItemInput!]!, $address: CreateAddressInput!) {
  addItemsToOrder(inputs: $lines) { errorResults { __typename ${refusal} } }
  setOrderShippingAddress(input: $address) { __typename ${refusal} }
  setOrderShippingMethod(shippingMethodId: ["1"]) { __typename ${refusal} }
  transitionOrderToState(state: "ArrangingPayment") { __typename ${refusal} }
  addPaymentToOrder(input: { method: "at-once", metadata: {} }) { __typename ... on Order { state } ${refusal} }
}`;
/** What failed half-way must not go into the next order. */
const emptying = `mutation {
  transitionOrderToState(state: "AddingItems") { __typename }
  removeAllOrderLines { __typename }
}`;
const address = {
  fullName: "Ada Lovelace",
  streetLine1: "Example Road 1",
  city: "Berlin",
  postalCode: "10115",
  countryCode: "DE",
};
const password = "a-long-password";

/** Signs up, and in. */
export async function signIn(url: string, index: number): Promise<Customer> {
  const email = `client-${index}@example.com`;
  let token: string | undefined;

  async function ask<Data>(query: string, variables: object): Promise<Data> {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    token ??= response.headers.get("vendure-auth-token") ?? undefined;
    if (errors) throw new Error(errors.map(({ message }) => message).join("; "));
    return data;
  }

  await ask(signInDocument, { email, password });
  if (!token) {
    const customer = { emailAddress: email, password, firstName: "Ada", lastName: "Lovelace" };
    await ask(signUpDocument, { input: customer });
    await ask(signInDocument, { email, password });
  }
  if (!token) throw new Error(`${email} cannot sign in`);
  return {
    async place(products) {
      // Ids count from 1, in the order in which products were made.
      const lines = products.map((product) => ({ productVariantId: String(product + 1), quantity: 1 }));
      const answers = await ask<Answers>(checkout, { lines, address });
      if (answers.addPaymentToOrder.state === "PaymentSettled") return true;
      await ask(emptying, {});
      const words = JSON.stringify(answers);
      if (/INSUFFICIENT_STOCK_ERROR|insufficient stock/i.test(words)) return false;
      throw new Error(words);
    },
  };
}
