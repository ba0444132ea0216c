export type Asked = {
  name: string;
  type: "query" | "mutation" | "subscription";
  input?: unknown;
  headers?: Record<string, string>;
};

export type Outcome = { status: number; reason: string | undefined; data: unknown };

type ErrorBody = { data: { httpStatus: number; reason?: string } };

const timeoutMs = 20_000;

/** Calls a procedure as it is on the wire. Of a subscription, what it begins with. */
export async function ask(gateway: string, { name, type, input, headers = {} }: Asked): Promise<Outcome> {
  const leaving = new AbortController();
  const timer = setTimeout(() => leaving.abort(new Error(`${name} gave no answer`)), timeoutMs);
  const json = input === undefined ? undefined : JSON.stringify(input);
  const query = json === undefined || type === "mutation" ? "" : `?input=${encodeURIComponent(json)}`;
  try {
    const response = await fetch(`${gateway}/trpc/${name}${query}`, {
      method: type === "mutation" ? "POST" : "GET",
      headers: {
        ...(type === "subscription" ? { accept: "text/event-stream" } : { "content-type": "application/json" }),
        ...headers,
      },
      ...(type === "mutation" && { body: json ?? "" }),
      signal: leaving.signal,
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    return isStream ? await firstEvent(response) : await whole(response);
  } finally {
    clearTimeout(timer);
    leaving.abort();
  }
}

async function whole(response: Response): Promise<Outcome> {
  const text = await response.text();
  // A head too large is refused by the server itself, without a word.
  if (text === "") return { status: response.status, reason: undefined, data: undefined };
  const body = JSON.parse(text) as { result?: { data: unknown }; error?: ErrorBody };
  return { status: response.status, reason: body.error?.data.reason, data: body.result?.data };
}

/** A subscription is refused in its first event: its stream is open by then. */
async function firstEvent(response: Response): Promise<Outcome> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    // What follows the last blank line is not whole yet.
    for (const event of text.split("\n\n").slice(0, -1)) {
      const kind = /^event: ?(.*)$/m.exec(event)?.[1];
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (kind === undefined && data !== undefined) return { status: 200, reason: undefined, data: JSON.parse(data) };
      if (kind !== "serialized-error") continue;
      const { data: error } = JSON.parse(data ?? "") as ErrorBody;
      return { status: error.httpStatus, reason: error.reason, data: undefined };
    }
  }
  return { status: 200, reason: undefined, data: undefined };
}
