import { BlockList, isIP } from "node:net";
import { z } from "zod";
import type { TrustedProxies } from "../../domain/address.ts";

const range = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/;

/** An address, or a range in CIDR notation. */
export const AddressRange = z
  .string()
  .refine((text) => parse(text) !== undefined, "expected addresses or ranges such as 10.0.0.0/8 or 2001:db8::/32");

/** Those that may say, in X-Forwarded-For, for whom a request came. */
export function createTrustedProxies(ranges: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const text of ranges) {
    const parsed = parse(text);
    if (parsed) list.addSubnet(parsed.address, parsed.bits, parsed.family);
  }
  return {
    has(address) {
      const version = isIP(address);
      return version !== 0 && ranges.length > 0 && list.check(address, version === 6 ? "ipv6" : "ipv4");
    },
  };
}

export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

function parse(text: string) {
  const [, address = "", bits] = range.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const maxBits = version === 6 ? 128 : 32;
  const wanted = bits === undefined ? maxBits : Number(bits);
  if (wanted > maxBits) return undefined;
  return { address, bits: wanted, family: version === 6 ? ("ipv6" as const) : ("ipv4" as const) };
}
