/** Who may say for whom a request came: proxies of ours, by address or CIDR. */
export type TrustedProxies = { has(address: string): boolean };

const mappedIpv4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
const groupsOfIpv6 = 8;
/** A subscriber of IPv6 has a /64 at least, and so 2^64 addresses to hide among. */
const groupsOfNetwork = 4;

/** The address as it is written in one way only: an IPv4 address that was mapped into IPv6 is itself again. */
export function plainAddress(address: string): string {
  const withoutZone = address.split("%", 1)[0] ?? "";
  return mappedIpv4.exec(withoutZone)?.[1] ?? withoutZone.toLowerCase();
}

/** What is counted together: an IPv4 address, or the /64 network of an IPv6 address. */
export function addressKey(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(":")) return plain;
  const [before = "", after] = plain.split("::");
  const head = groups(before);
  const tail = groups(after ?? "");
  const zeros = Array<string>(Math.max(0, groupsOfIpv6 - head.length - tail.length)).fill("0");
  const network = [...head, ...(after === undefined ? [] : zeros), ...tail].slice(0, groupsOfNetwork);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

type Hop = {
  /** The other end of the connection. */
  peer: string;
  /** `X-Forwarded-For` as it came: each proxy appends whom it was called by. */
  forwardedFor: string | null;
};

/**
 * The address a request came from: the last one that no proxy of ours has. Anything before it was written by someone
 * who may write what he likes.
 */
export function clientAddress({ peer, forwardedFor }: Hop, proxies: TrustedProxies, isAddress: IsAddress): string {
  let address = plainAddress(peer);
  if (forwardedFor === null) return address;
  for (const hop of forwardedFor.split(",").reverse()) {
    if (!proxies.has(address)) return address;
    const next = plainAddress(hop.trim());
    if (!isAddress(next)) return address;
    address = next;
  }
  return address;
}

type IsAddress = (text: string) => boolean;

/** An IPv4 tail, as in `64:ff9b::192.0.2.1`, stands for two groups. */
function groups(part: string): string[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => (group.includes(".") ? ["0", "0"] : [group]));
}
