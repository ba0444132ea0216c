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
  const body = (await response.json()) as { result?: { data: unknown }; error?: ErrorBody };
  return { status: response.status, reason: body.error?.data.reason, data: body.result?.data };
}

/** A subscription is refused in its first event: its stream is open by then. */
async function firstEvent(response: Response): Promise<Outcome> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    const [, json] = /^data: ?(.*id"?.*|\{.*"data".*)$/m.exec(text) ?? [];
    if (json === undefined || !text.includes("\n\n")) continue;
    const data = JSON.parse(json) as Partial<ErrorBody>;
    if (!text.includes("event: serialized-error")) return { status: 200, reason: undefined, data };
    return { status: data.data?.httpStatus ?? 500, reason: data.data?.reason, data: undefined };
  }
  return { status: 200, reason: undefined, data: undefined };
}
