import { networkInterfaces } from "node:os";

const everywhere = new Set(["0.0.0.0", "::", ""]);

/** Where others reach a server that listens on this host: for one that listens everywhere, the machine's own address. */
export function advertisedUrl(host: string, port: number): string {
  const reachable = everywhere.has(host) ? ownAddress() : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}
