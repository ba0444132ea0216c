import type { Logger } from "@orderflow/common/observability/logger";
import type { StillGood } from "../authentication/recheck-caller.ts";

type Options = {
  isStillGood: StillGood;
  /** Called once, when the credentials are no longer good. */
  end: () => void;
  everyMs: number;
  logger: Logger;
};

/** Looks again and again whether a stream may stay open, until the answer is no or the returned function is called. */
export function endWhenRefused({ isStillGood, end, everyMs, logger }: Options): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  async function look(): Promise<void> {
    try {
      if (!(await isStillGood()) && !isOver) return end();
    } catch (err) {
      logger.error({ err }, "Whether a stream may stay open could not be found out");
    }
    if (!isOver) timer = setTimeout(look, everyMs);
  }

  // Streams that begin together, after a restart, must not all ask at one moment for ever.
  timer = setTimeout(look, everyMs * (0.5 + Math.random() / 2));
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
