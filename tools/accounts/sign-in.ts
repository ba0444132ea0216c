export type Credentials = { email: string; password: string };

const timeoutMs = 10_000;

/** Makes an account, and signs in with it. Answers the session's token; throws when either is refused. */
export async function signUp(gateway: string, account: Credentials & { name: string }): Promise<string> {
  await post(`${gateway}/auth/sign-up/email`, account);
  return signIn(gateway, account);
}

/** Answers the session's token. */
export async function signIn(gateway: string, { email, password }: Credentials): Promise<string> {
  const answer = await post(`${gateway}/auth/sign-in/email`, { email, password });
  const session = answer.headers.get("set-auth-token");
  if (!session) throw new Error(`${email} got no session`);
  return session;
}

/** A JWT for the API, good for 15 minutes. */
export async function tokenOf(gateway: string, session: string): Promise<string> {
  const headers = { authorization: `Bearer ${session}` };
  const answer = await fetch(`${gateway}/auth/token`, { headers, signal: AbortSignal.timeout(timeoutMs) });
  const { token } = (await answer.json()) as { token?: string };
  if (!token) throw new Error(`no token was given: ${answer.status}`);
  return token;
}

async function post(url: string, body: object): Promise<Response> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
