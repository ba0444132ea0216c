import { createServiceKeys } from "@orderflow/common/auth/key-pair";
import { serviceNames } from "../embedded/service-names.ts";

let keys: ReturnType<typeof createServiceKeys> | undefined;

/** One key pair per service, the same for all tests of this run. */
export function testKeys(): ReturnType<typeof createServiceKeys> {
  keys ??= createServiceKeys([...serviceNames]);
  return keys;
}
