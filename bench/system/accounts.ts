import { takeTurns } from "@orderflow/common/jobs/take-turns";
import { signUp, tokenOf } from "@orderflow/tools/accounts/sign-in";

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
  const turns = takeTurns(atOnce);
  const sessions = await Promise.all(credentials.map((each) => turns.take(() => signUp(gateway, each))));
  return { tokens: () => Promise.all(sessions.map((session) => tokenOf(gateway, session))) };
}
