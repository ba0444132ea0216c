import { connect, createServer, type Server, type Socket } from "node:net";
import { freeStablePorts } from "./stable-ports.ts";

/** `refuse` listens no longer, as a server that is down; `stall` takes the connection and moves no byte in either direction. */
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
  setMode(mode: ProxyMode): Promise<void>;
  /** Passes new connections on again. Those there are stay silent and open for ever, as through a firewall that forgot them. */
  forget(): void;
  /** Ends every connection, whatever is under way on it. Answers how many there were. */
  cutAll(): number;
  intercept(by: Intercept | undefined): void;
  close(): Promise<void>;
};

/** Stands between a client and a server on this machine, and can be told to misbehave. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const connections = new Set<ProxiedConnection>();
  const forgotten: ProxiedConnection[] = [];
  let mode: ProxyMode = "pass";
  let interceptor: Intercept | undefined;

  function end(connection: ProxiedConnection): void {
    connections.delete(connection);
    connection.client.destroy();
    connection.upstream.destroy();
  }

  function accept(client: Socket): void {
    client.on("error", () => client.destroy());
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

  const port = await freeStablePorts(1);
  let server = await listen(accept, port);
  return {
    port,
    async setMode(next) {
      const wasRefusing = mode === "refuse";
      mode = next;
      if (next === "refuse") {
        server.close();
        for (const connection of connections) end(connection);
      } else if (wasRefusing) server = await listen(accept, port);
      for (const connection of connections) (next === "stall" ? pause : resume)(connection);
    },
    forget() {
      for (const connection of connections) {
        pause(connection);
        for (const side of [connection.client, connection.upstream]) side.removeAllListeners("drain");
        forgotten.push(connection);
      }
      connections.clear();
      mode = "pass";
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
      for (const connection of [...connections, ...forgotten]) end(connection);
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(accept: (client: Socket) => void, port: number): Promise<Server> {
  const server = createServer(accept);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
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
