import type { ShippingAddress, StockLine } from "@orderflow/common/events/values";
import type { Booking } from "../domain/shipment.ts";

export type BookingRequest = {
  /** The same key is the same booking, however often it is asked for. */
  idempotencyKey: string;
  /** What the label shows. */
  orderNumber: string;
  to: ShippingAddress;
  lines: StockLine[];
};

/** Whoever carries parcels. Each call may be repeated: the second one finds its work done. */
export type Carrier = {
  /** @throws CarrierUnavailable */
  book(request: BookingRequest): Promise<Booking>;
  /** Hands the parcel over. @throws CarrierUnavailable */
  dispatch(booking: Booking): Promise<void>;
  /** Gives back whatever was booked under the key, which may be nothing. @throws CarrierUnavailable */
  cancel(idempotencyKey: string): Promise<void>;
};

/** The carrier did not answer, in time or at all. The same call may succeed later. */
export class CarrierUnavailable extends Error {
  override readonly name = "CarrierUnavailable";
}
