export type StopRequest = { asked: Promise<"stop">; isAsked: () => boolean };

/** One Ctrl-C arrives several times: from the terminal, and passed on by each package runner in between. */
const sameRequestMs = 1_000;

/** Ctrl-C, SIGTERM or a closed terminal ask for an orderly stop; who asks again gets an immediate one. */
export function onStopRequest(killAll: () => void, say: (text: string) => void): StopRequest {
  let askedAt: number | undefined;
  const asked = new Promise<"stop">((resolve) => {
    const ask = () => {
      if (askedAt !== undefined && performance.now() - askedAt > sameRequestMs) {
        say("asked again: stopping at once");
        killAll();
        process.exit(1);
      }
      askedAt ??= performance.now();
      resolve("stop");
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
  });
  return { asked, isAsked: () => askedAt !== undefined };
}
