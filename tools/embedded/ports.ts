import { connect, createServer } from "node:net";

/** A port on 127.0.0.1 that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** True when something accepts connections on 127.0.0.1 at this port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once("connect", () => settle(true));
    // Not once: Bun may report a second error after the first has settled it, and unheard it would end the process.
    socket.on("error", () => settle(false));
  });
}

/** Waits until the port answers. False when `timeoutMs` passed, or `isPointless` says that it never will. */
export async function opens(port: number, timeoutMs: number, isPointless = () => false): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await answers(port))) {
    if (Date.now() > deadline || isPointless()) return false;
    await Bun.sleep(10);
  }
  return true;
}
