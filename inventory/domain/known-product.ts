import { Refusal } from "@orderflow/common/errors";

/** @throws Refusal unknown_sku when there is none, or none that this caller may see. */
export function knownProduct<T>(product: T | undefined, sku: string): T {
  if (product === undefined) throw new Refusal("unknown_sku", `There is no product ${sku}`);
  return product;
}
