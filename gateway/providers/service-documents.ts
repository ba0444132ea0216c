import type { Logger } from "@orderflow/common/observability/logger";
import type { OpenApiDocument } from "@orderflow/common/openapi/document";
import { z } from "zod";
import type { Upstream } from "./upstream.ts";

export type ServiceDocuments = {
  /** The last good document of each service, in the services' order. */
  current(): ReadonlyMap<string, OpenApiDocument>;
  /** Goes up whenever a document changes. */
  revision(): number;
  /** Services that were never heard of. */
  missing(): string[];
  /** Asks those that are missing, at most once a second. */
  askMissing(): Promise<void>;
  stop(): void;
};

type Options = {
  upstreams: ReadonlyMap<string, Upstream>;
  logger: Logger;
  refreshMs?: number;
};

const retryMs = 1_000;
const timeoutMs = 2_000;
const maxDocumentBytes = 2 * 1_048_576;
const headers = { accept: "application/json", "accept-encoding": "identity" };

const Operation = z.looseObject({
  operationId: z.string().regex(/^[a-z]+(?:\.[A-Za-z][A-Za-z0-9]*)+$/),
  parameters: z
    .array(z.looseObject({ name: z.string().max(100), in: z.enum(["path", "query", "header"]) }))
    .max(50)
    .optional(),
  responses: z.record(z.string(), z.looseObject({})),
  "x-location": z
    .string()
    .regex(/^\/api\/v1\/[\w/{}-]{1,200}$/)
    .optional(),
});

/** What we rely on; a service of a later version may say more. */
const Document = z.looseObject({
  openapi: z.string().startsWith("3.1"),
  tags: z.array(z.looseObject({ name: z.string() })),
  paths: z.record(
    z.string().regex(/^\/api\/v1(?:\/(?:[a-z0-9-]+|\{\w+\}))+$/),
    z.partialRecord(z.enum(["get", "post", "put", "patch", "delete"]), Operation),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

/** Reads each service's OpenAPI document, now and then again, so that what a new version of it serves appears here too. */
export function createServiceDocuments({ upstreams, logger, refreshMs = 10_000 }: Options): ServiceDocuments {
  const sources = [...upstreams.values()].map((upstream) => createSource(upstream, logger));
  const timers = new Map<Source, Timer>();
  let isStopped = false;

  async function keepAsking(source: Source): Promise<void> {
    await source.ask();
    if (!isStopped)
      timers.set(
        source,
        setTimeout(() => void keepAsking(source), source.isAway() ? retryMs : refreshMs),
      );
  }
  for (const source of sources) void keepAsking(source);

  return {
    current: () => new Map(sources.flatMap((source) => source.documents())),
    revision: () => sources.reduce((sum, source) => sum + source.revision(), 0),
    missing: () => sources.filter((source) => source.revision() === 0).map(({ service }) => service),
    async askMissing() {
      await Promise.all(sources.map((source) => (source.revision() === 0 ? source.ask() : undefined)));
    },
    stop() {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

type Source = ReturnType<typeof createSource>;

function createSource(upstream: Upstream, logger: Logger) {
  const { service } = upstream;
  let text = "";
  let document: OpenApiDocument | undefined;
  let revision = 0;
  let isAway = false;
  let asked = { atMs: Number.NEGATIVE_INFINITY, answer: Promise.resolve() };

  async function read(): Promise<void> {
    try {
      const answer = await readDocument(upstream);
      isAway = false;
      if (answer === text && revision > 0) return;
      document = answer === "" ? undefined : parse(answer, service);
      text = answer;
      revision++;
    } catch (error) {
      if (!isAway) logger.warn({ err: error, service }, "The service's document cannot be read: keeping the last one");
      isAway = true;
    }
  }

  return {
    service,
    documents: (): [string, OpenApiDocument][] => (document === undefined ? [] : [[service, document]]),
    revision: () => revision,
    isAway: () => isAway,
    /** Never rejects. */
    ask(): Promise<void> {
      if (performance.now() - asked.atMs < retryMs / 2) return asked.answer;
      asked = { atMs: performance.now(), answer: read() };
      return asked.answer;
    },
  };
}

/** Empty from a service that has none. */
async function readDocument(upstream: Upstream): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await upstream.send({ method: "GET", path: "/openapi.json", headers, body: undefined, signal });
  if (response.status === 404) return "";
  if (!response.ok) throw new Error(`The document was answered with status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxDocumentBytes) throw new Error(`The document is larger than ${maxDocumentBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string, service: string): OpenApiDocument {
  const document = Document.parse(JSON.parse(text)) as unknown as OpenApiDocument;
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    if (!operation.operationId.startsWith(`${service}.`))
      throw new Error(`${operation.operationId} is not of ${service}`);
  }
  return document;
}
