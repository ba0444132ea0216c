// Runs in the browser: a page of a shop's that knows the client and, but for an address, nothing more of the project.
import { type Client, createClient, isOrderflowError } from "@orderflow/client";
import { anAddress } from "@orderflow/tools/testing/an-address";

/** The page's element of this id. */
declare const said: { append(text: string): void };
const say = (line: string) => said.append(`${line}\n`);

type Visit = { gateway: string; email: string; password: string; mode: "token" | "cookies"; timeoutMs: number };

/** Signs in, places an order and says each state of it, to the last. */
async function order({ email, password, ...visit }: Visit): Promise<void> {
  const { mode } = visit;
  const shop = connect(visit);
  await shop.session.signIn({ email, password });
  const { role } = await shop.account.me.query();
  say(`hello ${role}, ${mode}, token ${shop.session.token === undefined ? "hidden" : "held"}`);
  const { items } = await shop.inventory.search.query({ text: "mug", limit: 1 });
  const lines = [{ sku: items[0]?.sku ?? "", quantity: 1 }];
  const placed = await shop.order.place.mutate({ lines, shippingAddress: anAddress });
  say(`placed ${placed.id}`);
  const onConnection = ({ state }: { state: string }) => say(`stream ${state}`);
  for await (const { data } of shop.order.watch.follow({ orderId: placed.id }, { onConnection }))
    say(`now ${data.status}`);
  await shop.session.signOut();
  const refused = await shop.account.me.query().catch((error: unknown) => error);
  say(`done, then ${isOrderflowError(refused) ? refused.reason : "still signed in"}`);
}

function connect({ gateway, mode, timeoutMs }: Pick<Visit, "gateway" | "mode" | "timeoutMs">): Client {
  const options = { url: gateway, timeoutMs };
  return createClient(mode === "token" ? options : { ...options, authentication: { cookies: true } });
}

Object.assign(globalThis, {
  visit: (given: Visit) => order(given).catch((error: unknown) => say(`failed ${describe(error)}`)),
});

function describe(error: unknown): string {
  return isOrderflowError(error) ? `${error.reason} ${error.httpStatus} ${error.message}` : String(error);
}
