/** One procedure a client names, e.g. `order.place`: the service `order` is asked for its `place`. */
export type Call = { name: string; service: string; procedure: string };

/** A name that is no procedure of a composed service. It is answered NOT_FOUND and never reaches a service. */
export type UnknownCall = { name: string; service: undefined };

export type Calls = {
  isBatch: boolean;
  calls: (Call | UnknownCall)[];
  /** With its question mark; empty without one. */
  search: string;
};

export type Composition = {
  /** Path without a trailing slash, such as "/trpc". */
  endpoint: string;
  services: ReadonlySet<string>;
  maxCalls: number;
};

/** One of anything else (`%2f`, `..`, `/`, `;`) could mean another path to a service than it means to us. */
const procedureName = /^([a-z]+)((?:\.[A-Za-z][A-Za-z0-9]*)+)$/;
const batchFlag = /[?&]batch=1(?:&|$)/;
const encodedComma = /%2c/gi;

/** Reads the names out of `<endpoint>/order.place,inventory.bySku?batch=1`, but no further than one past `maxCalls`. */
export function readCalls(url: string, { endpoint, services, maxCalls }: Composition): Calls {
  const pathStart = url.indexOf("/", url.indexOf("//") + 2) + endpoint.length + 1;
  const searchStart = url.indexOf("?", pathStart);
  const search = searchStart < 0 ? "" : url.slice(searchStart);
  const path = searchStart < 0 ? url.slice(pathStart) : url.slice(pathStart, searchStart);
  const isBatch = batchFlag.test(search);
  const names = isBatch ? path.replaceAll(encodedComma, ",").split(",", maxCalls + 1) : [path];
  return { isBatch, calls: names.map((name) => readCall(name, services)), search };
}

/** The one service that all calls go to, or undefined when they are mixed or unknown. */
export function onlyService(calls: readonly (Call | UnknownCall)[]): string | undefined {
  const first = calls[0]?.service;
  return calls.every(({ service }) => service === first) ? first : undefined;
}

function readCall(name: string, services: ReadonlySet<string>): Call | UnknownCall {
  const match = procedureName.exec(name);
  const service = match?.[1];
  const procedure = match?.[2]?.slice(1);
  if (!service || !procedure || !services.has(service)) return { name, service: undefined };
  return { name, service, procedure };
}
