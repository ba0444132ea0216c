import type { Event } from "@orderflow/common/messaging/event";

/** A position in a log and the event that stands there, by which another log is told apart. Position 0 is before all. */
export type LogPlace = { position: number; eventId?: string | undefined };

/** `<position>.<event id>`; the position alone will do. */
export const placeText = /^(\d{1,15})(?:\.([0-9a-f-]{36}))?$/;

export function placeOf({ position, id }: Event): LogPlace {
  return { position, eventId: id };
}

export function writePlace({ position, eventId }: LogPlace): string {
  return eventId === undefined ? String(position) : `${position}.${eventId}`;
}

/** Of a text that `placeText` matches. */
export function readPlace(text: string): LogPlace {
  const [, position, eventId] = placeText.exec(text) ?? [];
  return { position: Number(position), eventId };
}
