import { adjust, type Crowd, cancel, place } from "./crowd.ts";
import type { Testimony } from "./witness.ts";

const replayedShare = 20;

/**
 * Asks again, with its key, whatever nobody has answered, until there is an answer: so every call is known to have
 * happened or not. And a twentieth of what was answered, which must be answered the same.
 *
 * @returns how many were asked again because nobody knew.
 */
export async function settleAnswers(crowd: Crowd): Promise<number> {
  const testimonies = crowd.witness.readAll();
  const answered = new Set(testimonies.filter(({ outcome }) => outcome !== "unanswered").map(({ key }) => key));
  const open = new Map(testimonies.filter(({ key }) => !answered.has(key)).map((each) => [each.key, each]));
  for (const testimony of open.values()) await askAgain(crowd, testimony);
  const accepted = testimonies.filter(({ outcome }) => outcome === "accepted");
  for (const [n, testimony] of accepted.entries()) if (n % replayedShare === 0) await askAgain(crowd, testimony);
  return open.size;
}

async function askAgain(crowd: Crowd, asked: Testimony): Promise<void> {
  const account = crowd.customers[asked.by] ?? crowd.operator;
  if (asked.call === "place") await place(crowd, { account, mark: asked.mark, request: asked.request });
  if (asked.call === "cancel") await cancel(crowd, { account, key: asked.key, orderId: asked.orderId });
  if (asked.call === "adjust") await adjust(crowd, asked);
}
