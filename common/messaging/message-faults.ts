import { isAtFault } from "../fault-points.ts";

/** What a broker may do to messages: lose them, bring them twice, or after those that were sent later. */
export function createMessageFaults<Message>(atFault = isAtFault): (messages: Message[]) => Message[] {
  let late: Message[] = [];
  return (messages) => {
    if (atFault("publish.lost")) return [];
    if (atFault("publish.shuffled")) {
      late = [...late, ...messages];
      return [];
    }
    const due = late.length > 0 ? [...messages, ...late] : messages;
    late = [];
    return atFault("publish.doubled") ? [...due, ...due] : due;
  };
}
