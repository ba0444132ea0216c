type Caller = { role: string; id: string; name: string; email: string };
type Answer = { result?: { data: { caller: Caller } }; error?: { message: string; data: Record<string, unknown> } };

/** Whom the stand-in of order sees behind a gateway's call with these headers. */
export async function whoAmI(url: string, headers: Record<string, string>, init: RequestInit = {}) {
  const response = await fetch(`${url}/trpc/order.whoAmI`, { ...init, headers });
  const body = (await response.json()) as Answer;
  return { status: response.status, caller: body.result?.data.caller, error: body.error };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
