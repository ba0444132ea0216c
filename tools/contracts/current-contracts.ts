import { createAsyncApi, describeEventData } from "@orderflow/common/asyncapi/create-asyncapi";
import type { OpenApiDocument } from "@orderflow/common/openapi/document";
import { accountDocument } from "../../gateway/handlers/account/document.ts";
import { mergeDocuments } from "../../gateway/handlers/rest/merge-documents.ts";
import { settingsDocument } from "../../gateway/handlers/settings/document.ts";
import { inventoryDocument } from "../../inventory/handlers/document.ts";
import { notifyDocument } from "../../notify/handlers/document.ts";
import { orderDocument } from "../../order/handlers/document.ts";
import { workerDocument } from "../../worker/handlers/document.ts";
import type { EventContracts } from "./compare-events.ts";

export type Contracts = {
  /** Of each service, in the order in which the gateway knows them. */
  apis: Record<string, OpenApiDocument>;
  events: EventContracts;
};

/** What the code promises today. */
export function currentContracts(): Contracts {
  const apis = {
    order: orderDocument,
    inventory: inventoryDocument,
    notify: notifyDocument,
    worker: workerDocument,
    account: accountDocument,
    settings: settingsDocument,
  };
  return { apis, events: describeEventData() };
}

/** The files of `contracts/` with their texts. */
export function contractFiles({ apis, events }: Contracts): Map<string, string> {
  const contents = [
    ...Object.entries(apis).map(([service, document]) => [apiFile(service), document] as const),
    ["openapi.json", mergeDocuments(new Map(Object.entries(apis)))] as const,
    ["asyncapi.json", createAsyncApi()] as const,
    [eventsFile, events] as const,
  ];
  return new Map(contents.map(([name, content]) => [name, `${JSON.stringify(content, null, 2)}\n`]));
}

export const eventsFile = "events.json";

export function apiFile(service: string): string {
  return `openapi-${service}.json`;
}

/** The contracts that these files hold, as far as they are there. */
export function readContracts(files: ReadonlyMap<string, string>): Contracts {
  const apis = [...files].flatMap(([name, text]) => {
    const service = /^openapi-(\w+)\.json$/.exec(name)?.[1];
    return service === undefined ? [] : [[service, JSON.parse(text) as OpenApiDocument] as const];
  });
  const events = files.get(eventsFile);
  return {
    apis: Object.fromEntries(apis),
    events: events === undefined ? { events: {}, schemas: {} } : (JSON.parse(events) as EventContracts),
  };
}
