import { expect, test } from "bun:test";
import { freePort } from "../embedded/ports.ts";
import { refuseTakenPorts } from "./taken-ports.ts";

test("a taken port is named, with whose it would be and what to do", async () => {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const wanted = [
    { port: server.port, for: "order-1" },
    { port: await freePort(), for: "gateway-1" },
  ];
  const refusal = refuseTakenPorts(wanted);
  await expect(refusal).rejects.toThrow(`Port ${server.port} (order-1) is taken.`);
  await expect(refusal).rejects.toThrow("--port-base 4000");
  await expect(refusal).rejects.not.toThrow("gateway-1");
  server.stop();
});

test("free ports are not refused", async () => {
  await refuseTakenPorts([{ port: await freePort(), for: "gateway-1" }]);
});
