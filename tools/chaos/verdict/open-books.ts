import postgres from "postgres";
import { type Killable, killable } from "../fault-schedule.ts";

/** The databases of the services, read from outside. */
export type Books = Record<Killable, postgres.Sql>;

export async function withBooks<T>(adminUrl: string, work: (books: Books) => Promise<T>): Promise<T> {
  const entries = killable.map((service) => {
    const url = new URL(adminUrl);
    url.pathname = `/orderflow_${service}`;
    return [service, postgres(url.href, { max: 1, onnotice: () => undefined })] as const;
  });
  try {
    return await work(Object.fromEntries(entries) as Books);
  } finally {
    await Promise.all(entries.map(([, sql]) => sql.end({ timeout: 1 })));
  }
}
