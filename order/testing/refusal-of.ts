import { TRPCClientError } from "@trpc/client";

type Told = { code: string; httpStatus: number; reason?: string; fields?: Record<string, string[]>; message: string };

/** What a client is told of a call that fails. Throws when it does not fail. */
export async function refusalOf(answer: Promise<unknown>): Promise<Told> {
  const error = await answer.then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TRPCClientError)) throw error;
  return { ...error.data, message: error.message };
}
