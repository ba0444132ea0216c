import type { EventContract } from "@orderflow/common/asyncapi/create-asyncapi";
import type { JsonSchema } from "@orderflow/common/openapi/document";
import { compareSchemas } from "./compare-schemas.ts";

type Schemas = Record<string, JsonSchema>;
export type EventContracts = { events: Record<string, EventContract>; schemas: Schemas };

/**
 * What breaks listeners, in words. It must hold both ways: who listens today reads what is told tomorrow, and who
 * listens tomorrow reads the log of today. An event whose version went up may change, but not disappear.
 */
export function compareEvents(before: EventContracts, after: EventContracts): string[] {
  return Object.entries(before.events).flatMap(([type, was]) => {
    const is = after.events[type];
    if (is === undefined) return [`${type}: removed`];
    if (is.version > was.version) return [];
    const moved = is.stream === was.stream ? [] : [`${type}: moved from the stream ${was.stream} to ${is.stream}`];
    return [...moved, ...compareData(type, { was, is, before: before.schemas, after: after.schemas })];
  });
}

type Data = { was: EventContract; is: EventContract; before: Schemas; after: Schemas };

function compareData(type: string, { was, is, before, after }: Data): string[] {
  const change = { before: was.schema, after: is.schema, at: type };
  const back = { before: is.schema, after: was.schema, at: type };
  const lost = compareSchemas(change, { before, after, direction: "output" });
  const unreadLog = compareSchemas(change, { before, after, direction: "input" });
  // The other way round: a field too many is stripped, and one too few is among the lost.
  const unheard = compareSchemas(back, { before: after, after: before, direction: "input" })
    .filter((line) => !/: (?:removed|required now)$/.test(line))
    .map((line) => `${line} by those who listen today`);
  return oncePerPlace([...lost, ...unreadLog, ...unheard]);
}

/** A type that changed is wrong both ways: once is enough. */
function oncePerPlace(lines: string[]): string[] {
  const placeOf = (line: string) => line.split(": ")[0];
  return lines.filter((line, index) => lines.findIndex((other) => placeOf(other) === placeOf(line)) === index);
}
