type Credentials = { email: string; password: string };

const accounts = 32;
const atOnce = 4;

export type Customers = { tokens(): Promise<string[]> };

/** New customers, who sign up and in as users do. Their tokens are made anew when asked for: one lives for 15 minutes. */
export async function signUpCustomers(gateway: string): Promise<Customers> {
  const run = crypto.randomUUID().slice(0, 8);
  const credentials = Array.from({ length: accounts }, (_, index) => ({
    name: `Customer ${index}`,
    email: `bench-${run}-${index}@example.com`,
    password: crypto.randomUUID(),
  }));
  const sessions: string[] = [];
  for (let first = 0; first < accounts; first += atOnce) {
    sessions.push(
      ...(await Promise.all(credentials.slice(first, first + atOnce).map((each) => signUp(gateway, each)))),
    );
  }
  return { tokens: () => Promise.all(sessions.map((session) => tokenOf(gateway, session))) };
}

async function signUp(gateway: string, account: Credentials & { name: string }): Promise<string> {
  await post(`${gateway}/auth/sign-up/email`, account);
  const answer = await post(`${gateway}/auth/sign-in/email`, account);
  return answer.headers.get("set-auth-token") ?? "";
}

async function tokenOf(gateway: string, session: string): Promise<string> {
  const answer = await fetch(`${gateway}/auth/token`, { headers: { authorization: `Bearer ${session}` } });
  if (!answer.ok) throw new Error(`no token was given: ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}

async function post(url: string, body: object): Promise<Response> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
