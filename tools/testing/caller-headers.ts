import type { Role } from "@orderflow/common/auth/caller";
import { createTokenSigner, internalTokenHeader, publicAudience } from "@orderflow/common/auth/internal-token";
import { testKeys } from "./test-keys.ts";

/** What the gateway sends along for a caller of this role; nothing for nobody. */
export async function callerHeaders(role: Role): Promise<Record<string, string>> {
  if (role === "nobody") return {};
  const { privateKeys } = await testKeys();
  const signer = createTokenSigner({ issuer: "gateway", privateKey: privateKeys.gateway ?? "" });
  const caller = { role, id: `${role}-1`, name: role, email: `${role}@example.com` };
  return { [internalTokenHeader]: await signer.sign(caller, publicAudience) };
}
