import { consumerInvariants } from "@orderflow/common/audit/consumer-invariants";
import type { Invariant } from "@orderflow/common/audit/invariant";
import { keysAnsweredOnce } from "@orderflow/common/audit/keys-answered-once";
import { logInvariants } from "@orderflow/common/audit/log-invariants";
import { ledgerChain, ledgerSums } from "./audit/ledger.ts";
import { ordersAnswered, reservationEvents, reservationLedger } from "./audit/reservations.ts";
import { stockBounds } from "./audit/stock-bounds.ts";
import { stockConserved } from "./audit/stock-conserved.ts";
import { stockReserved } from "./audit/stock-reserved.ts";

/** What must be true of inventory's database at any moment. */
export const inventoryInvariants: Invariant[] = [
  stockBounds,
  stockConserved,
  stockReserved,
  ledgerSums,
  ledgerChain,
  reservationLedger,
  reservationEvents,
  ordersAnswered,
  keysAnsweredOnce("response"),
  ...logInvariants,
  ...consumerInvariants,
];
