import type { OpenApiDocument } from "@orderflow/common/openapi/document";
import { createRestTable, type RestTable } from "../../domain/rest-routes.ts";
import type { ServiceDocuments } from "../../providers/service-documents.ts";
import { mergeDocuments } from "./merge-documents.ts";
import { readRoutes } from "./read-routes.ts";

export type RestApi = { table(): RestTable; documentJson(): string };

/** The routes and the document that follow from what the services say of themselves. Made anew when they say something else. */
export function createRestApi(documents: Pick<ServiceDocuments, "current" | "revision">): RestApi {
  let made = make(documents.current(), documents.revision());
  function latest() {
    if (made.revision !== documents.revision()) made = make(documents.current(), documents.revision());
    return made;
  }
  return {
    table: () => latest().table,
    documentJson: () => latest().json,
  };
}

function make(documents: ReadonlyMap<string, OpenApiDocument>, revision: number) {
  return {
    revision,
    table: createRestTable([...documents.values()].flatMap(readRoutes)),
    json: JSON.stringify(mergeDocuments(documents)),
  };
}
