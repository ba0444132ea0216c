export type ForeignRole = "customer" | "operator";

export type RoleMapping = {
  /** The claim that names roles or groups: its name, or a path such as `realm_access.roles`. */
  roleClaim?: string | undefined;
  /** What its values mean to us. */
  roles: Readonly<Record<string, ForeignRole>>;
  /** For whom no value means anything. Without it such callers are refused. */
  defaultRole?: ForeignRole | undefined;
};

/** The role that an issuer's claims give, the strongest of several; undefined when they give none. */
export function roleOf(claims: Readonly<Record<string, unknown>>, mapping: RoleMapping): ForeignRole | undefined {
  const { roleClaim, roles, defaultRole } = mapping;
  const named = roleClaim === undefined ? undefined : claimAt(claims, roleClaim);
  const values: unknown[] = Array.isArray(named) ? named : [named];
  const mapped = values.map((value) =>
    typeof value === "string" && Object.hasOwn(roles, value) ? roles[value] : undefined,
  );
  if (mapped.includes("operator")) return "operator";
  return mapped.includes("customer") ? "customer" : defaultRole;
}

/**
 * The id by which we know somebody of another issuer: a UUID (version 8, RFC 9562) made of issuer and subject, so that
 * nobody can be given the id of an account that was made here, or of one at a third issuer.
 */
export function foreignId(issuer: string, subject: string): string {
  const bytes = new Bun.CryptoHasher("sha256")
    .update(JSON.stringify([issuer, subject]))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** By its whole name first: names such as `https://shop.example/roles` have dots of their own. */
function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split(".").reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    return (value as Record<string, unknown>)[name];
  }, claims);
}
