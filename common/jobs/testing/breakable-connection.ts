import net from "node:net";

export type BreakableConnection = {
  /** The database's URL, by way of this process. */
  url: string;
  /** Cuts every connection and refuses new ones, as a dead PostgreSQL does. */
  break(): void;
  mend(): Promise<void>;
};

export async function breakableConnection(databaseUrl: string): Promise<BreakableConnection> {
  const target = new URL(databaseUrl);
  const sockets = new Set<net.Socket>();
  const listen = (port: number): Promise<net.Server> => {
    const server = net.createServer((client) => {
      const upstream = net.connect(Number(target.port || 5432), target.hostname);
      join(client, upstream, sockets);
      join(upstream, client, sockets);
    });
    return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
  };
  let server = await listen(0);
  const { port } = server.address() as net.AddressInfo;
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    break() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    async mend() {
      server = await listen(port);
    },
  };
}

function join(from: net.Socket, to: net.Socket, sockets: Set<net.Socket>): void {
  sockets.add(from);
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => {
    sockets.delete(from);
    to.destroy();
  });
}
