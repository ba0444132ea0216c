import { afterEach, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import { eventually } from "../testing/eventually.ts";
import { hangUp, openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server that notes what it hears and says it back, and a proxy before it. */
async function anEcho(): Promise<{ proxy: TcpProxy; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      heard.push(data.toString());
      socket.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const address = server.address();
  const proxy = await openTcpProxy(typeof address === "object" && address ? address.port : 0);
  closing.push(() => proxy.close());
  return { proxy, heard };
}

function aClient(port: number) {
  const state = { answers: "", isOpen: true };
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("data", (data) => {
    state.answers += data.toString();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    state.isOpen = false;
  });
  closing.push(() => socket.destroy());
  return Object.assign(state, { say: (text: string) => socket.write(text) });
}

test("it passes, stalls without losing a byte, and goes on", async () => {
  const { proxy, heard } = await anEcho();
  const client = aClient(proxy.port);
  client.say("one");
  await eventually(() => client.answers === "one");
  await proxy.setMode("stall");
  client.say("two");
  await Bun.sleep(100);
  expect(heard).toEqual(["one"]);
  await proxy.setMode("pass");
  await eventually(() => client.answers === "onetwo");
});

test("what it forgets stays open and silent; what comes later passes", async () => {
  const { proxy, heard } = await anEcho();
  const before = aClient(proxy.port);
  before.say("one");
  await eventually(() => before.answers === "one");
  await proxy.setMode("stall");
  proxy.forget();
  before.say("two");
  const after = aClient(proxy.port);
  after.say("three");
  await eventually(() => after.answers === "three");
  expect(heard).toEqual(["one", "three"]);
  expect(before).toMatchObject({ answers: "one", isOpen: true });
});

test("it refuses like a server that is down, and is there again at the same port", async () => {
  const { proxy } = await anEcho();
  const before = aClient(proxy.port);
  before.say("one");
  await eventually(() => before.answers === "one");
  await proxy.setMode("refuse");
  await eventually(() => !before.isOpen);
  const meanwhile = aClient(proxy.port);
  await eventually(() => !meanwhile.isOpen);
  await proxy.setMode("pass");
  const after = aClient(proxy.port);
  after.say("two");
  await eventually(() => after.answers === "two");
});

test.each([
  ["delivered", ["COMMIT"]],
  ["not delivered", []],
])("a client can be hung up on with what it said %s", async (kind, wanted) => {
  const { proxy, heard } = await anEcho();
  proxy.intercept((connection, sent) => {
    hangUp(connection, kind === "delivered" ? sent : undefined);
    return true;
  });
  const client = aClient(proxy.port);
  client.say("COMMIT");
  await eventually(() => !client.isOpen);
  await Bun.sleep(50);
  expect(heard).toEqual(wanted);
  expect(client.answers).toBe("");
});
