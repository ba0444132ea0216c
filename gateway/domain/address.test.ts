import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";
import { addressKey, clientAddress } from "./address.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002:ffff::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
])("%s is counted as %s", (address, key) => {
  expect(addressKey(address)).toBe(key);
});

describe("X-Forwarded-For", () => {
  const proxies = { has: (address: string) => ["10.0.0.1", "10.0.0.2"].includes(address) };
  const seen = (peer: string, forwardedFor: string | null) =>
    clientAddress({ peer, forwardedFor }, proxies, (text) => isIP(text) !== 0);

  test.each([
    ["counts for nothing from a stranger", "192.0.2.9", "1.1.1.1", "192.0.2.9"],
    ["is believed when a proxy of ours says it", "10.0.0.1", "192.0.2.9", "192.0.2.9"],
    ["is read from its end, so a client's own words come too early", "10.0.0.1", "1.1.1.1, 192.0.2.9", "192.0.2.9"],
    ["is read through several proxies of ours", "::ffff:10.0.0.1", "192.0.2.9, 10.0.0.2", "192.0.2.9"],
    ["stops at what is no address", "10.0.0.1", "192.0.2.9, unknown", "10.0.0.1"],
    ["may hold IPv6", "10.0.0.1", "2001:DB8::1", "2001:db8::1"],
    ["may be empty", "10.0.0.1", "", "10.0.0.1"],
    ["of proxies alone names the first of them", "10.0.0.1", "10.0.0.2", "10.0.0.2"],
  ])("%s", (_, peer, forwardedFor, expected) => {
    expect(seen(peer, forwardedFor)).toBe(expected);
  });

  test("may be missing", () => {
    expect(seen("10.0.0.1", null)).toBe("10.0.0.1");
  });
});
