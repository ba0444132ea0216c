import type { Caller } from "@orderflow/common/auth/caller";

/** Only who runs the shop is shown what is not for sale. */
export function seesInactive(caller: Caller): boolean {
  return caller.role === "operator";
}
