import { connect, createServer, type Server, type Socket } from "node:net";

/** `refuse` closes whoever comes, `stall` takes the connection and moves no byte in either direction. */
export type ProxyMode = "pass" | "refuse" | "stall";

/** Answers true when it has dealt with what the client sent; it is not passed on then. */
export type Intercept = (connection: ProxiedConnection, sent: Buffer) => boolean;

export type ProxiedConnection = {
  client: Socket;
  upstream: Socket;
  /** What the client said first, which names the database of a PostgreSQL session. */
  greeting: string;
};

/** The client is gone at once; the server still gets `sent`, and then the end. */
export function hangUp({ client, upstream }: ProxiedConnection, sent: Buffer | undefined): void {
  client.removeAllListeners("close");
  client.destroy();
  if (sent) upstream.end(sent);
  else upstream.destroy();
}

export type TcpProxy = {
  port: number;
  setMode(mode: ProxyMode): void;
  /** Ends every connection, whatever is under way on it. Answers how many there were. */
  cutAll(): number;
  intercept(by: Intercept | undefined): void;
  close(): Promise<void>;
};

/** Stands between a client and a server on this machine, and can be told to misbehave. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const connections = new Set<ProxiedConnection>();
  let mode: ProxyMode = "pass";
  let interceptor: Intercept | undefined;

  function end(connection: ProxiedConnection): void {
    connections.delete(connection);
    connection.client.destroy();
    connection.upstream.destroy();
  }

  function accept(client: Socket): void {
    client.on("error", () => client.destroy());
    if (mode === "refuse") {
      client.destroy();
      return;
    }
    const upstream = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    const connection: ProxiedConnection = { client, upstream, greeting: "" };
    connections.add(connection);
    client.setNoDelay(true);
    upstream.on("error", () => end(connection));
    for (const side of [client, upstream]) side.on("close", () => end(connection));
    client.on("data", (sent: Buffer) => {
      if (connection.greeting === "") connection.greeting = sent.toString("latin1");
      if (!interceptor?.(connection, sent)) pass(client, upstream, sent);
    });
    upstream.on("data", (sent: Buffer) => pass(upstream, client, sent));
    if (mode === "stall") pause(connection);
  }

  /** One side is not read while the other has not taken what was sent. */
  function pass(from: Socket, to: Socket, sent: Buffer): void {
    if (to.write(sent)) return;
    from.pause();
    to.once("drain", () => mode !== "stall" && from.resume());
  }

  const server = createServer(accept);
  return {
    port: await listen(server),
    setMode(next) {
      mode = next;
      if (next === "refuse") for (const connection of connections) end(connection);
      for (const connection of connections) (next === "stall" ? pause : resume)(connection);
    },
    cutAll() {
      const { size } = connections;
      for (const connection of connections) end(connection);
      return size;
    },
    intercept(by) {
      interceptor = by;
    },
    close() {
      for (const connection of connections) end(connection);
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

function pause({ client, upstream }: ProxiedConnection): void {
  client.pause();
  upstream.pause();
}

function resume({ client, upstream }: ProxiedConnection): void {
  client.resume();
  upstream.resume();
}
