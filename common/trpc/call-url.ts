/** The parts of a call's URL, undecoded: `names` is `order.place` or, for a batch, `a,b,c`. */
export type CallUrl = { names: string; query: string };

/** Cuts by hand, since a URL object is among the costliest parts of a small call. Undefined outside the endpoint. */
export function cutCallUrl(url: string, endpoint: string): CallUrl | undefined {
  const pathStart = url.indexOf("/", url.indexOf("://") + 3);
  if (!url.startsWith(`${endpoint}/`, pathStart)) return undefined;
  const queryStart = url.indexOf("?", pathStart);
  const names = url.slice(pathStart + endpoint.length + 1, queryStart < 0 ? undefined : queryStart);
  return { names, query: queryStart < 0 ? "" : url.slice(queryStart + 1) };
}
