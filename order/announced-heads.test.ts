import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTokenSigner } from "@orderflow/common/auth/internal-token";
import { remoteStream } from "@orderflow/common/messaging/remote-stream";
import { createPeers } from "@orderflow/common/resilience/peers";
import { eventually } from "@orderflow/tools/testing/eventually";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { orderStreams } from "./handlers/router.ts";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder } from "./testing/open-order.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder({}, { DISCOVERY: "mqtt" });
});
afterAll(() => order.close());

/** A listener to each stream of order, who finds order by its presence. */
async function listenToAll() {
  const { broker, logger, metrics } = order.context;
  const config = { discovery: "mqtt", callSettings: {} } as const;
  const peers = createPeers({ config, urls: { order: [order.url] }, broker, logger, metrics });
  const signer = createTokenSigner({ issuer: "notify", privateKey: (await testKeys()).privateKeys.notify ?? "" });
  return orderStreams.map((stream) => remoteStream({ stream, producer: "order", peers, reader: "notify", signer }));
}

test("who follows order hears where each of its streams ends, and where it ends later", async () => {
  const listened = await listenToAll();
  const heard = () => listened.map(({ stream, heads }) => heads?.of(stream));
  await eventually(() =>
    expect(heard()).toMatchObject([
      { position: 0, id: null },
      { position: 0, id: null },
    ]),
  );

  await (await order.as(aCustomer())).place.mutate(aPlaceInput());
  const [end] = await order.database.sql`select last_id as id, log_id as "logId" from stream where name = 'order'`;
  await eventually(() => expect(heard()).toMatchObject([{ position: 1, ...end }, { position: 0 }]));
});
