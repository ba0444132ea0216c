import { createServer } from "node:net";
import type { Aedes } from "aedes";

/**
 * The URL of an MQTT broker that lives as long as this process and asks nobody for a password. It costs nothing until the
 * first client comes.
 */
export async function startLazyBroker(): Promise<string> {
  let broker: Promise<Aedes> | undefined;
  const server = createServer(async (socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy()); // A client that a test cut off is no concern of the others.
    socket.pause();
    broker ??= import("aedes").then(({ Aedes }) => Aedes.createBroker({ maximumPacketSize: 1_048_576 }));
    (await broker).handle(socket);
    socket.resume();
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  server.unref();
  return `mqtt://127.0.0.1:${port}`;
}
