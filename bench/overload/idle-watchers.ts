import type { Socket } from "bun";

/** What the watchers' process is told, on its standard input. */
export type WatchTask = { gateway: string; watches: { token: string; orderId: string }[]; atOnce: number };
/** What it says when all have tried to begin, and again when its input ends: how many are open, and how many were told of their order. */
export type WatchReport = {
  open: number;
  told: number;
  /** By status; 0 is no answer within a minute. */
  untold: Record<string, number>;
};

const beginTimeoutMs = 60_000;
const [line = "", rest] = await firstLine(Bun.stdin.stream());
const { gateway, watches, atOnce }: WatchTask = JSON.parse(line);
const open = new Set<Socket>();
let told = 0;
const untold: WatchReport["untold"] = {};

async function watch(index: number): Promise<void> {
  const { token, orderId } = watches[index] ?? { token: "", orderId: "" };
  const { hostname, port, host } = new URL(gateway);
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let [isTold, text] = [false, ""];
  const leave = (status: string) => {
    if (isTold) return;
    isTold = true;
    untold[status] = (untold[status] ?? 0) + 1;
    begin();
  };
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(connection, chunk) {
        if (isTold) return;
        text += chunk.toString();
        if (/^HTTP\/1.1 [45]/.test(text)) {
          leave(text.slice(9, 12));
          connection.end();
        } else if (text.includes('data: {"')) {
          told++;
          isTold = true;
          begin();
        }
      },
      close: (closed) => {
        open.delete(closed);
        leave("0");
      },
      error: () => leave("0"),
    },
  });
  open.add(socket);
  const input = encodeURIComponent(JSON.stringify({ orderId }));
  socket.write(
    `GET /trpc/order.watch?input=${input} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n\r\n`,
  );
  await Promise.race([begun, Bun.sleep(beginTimeoutMs)]);
  leave("0");
}

let next = 0;
async function begin(): Promise<void> {
  for (let index = next++; index < watches.length; index = next++) await watch(index).catch(() => undefined);
}

const report = (): string => JSON.stringify({ open: open.size, told, untold } satisfies WatchReport);
await Promise.all(Array.from({ length: atOnce }, begin));
console.log(report());
await rest;
console.log(report());
process.exit(0);

/** And a promise of its end. */
async function firstLine(input: ReadableStream<Uint8Array>): Promise<[string, Promise<void>]> {
  const reader = input.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  const end = async () => {
    while (!(await reader.read()).done);
  };
  return [text.split("\n", 1)[0] ?? "", end()];
}
