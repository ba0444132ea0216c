/** A wait that can be cut short. A wake-up that comes while nobody waits is kept for the next wait. */
export function createWaker() {
  let isAwake = false;
  let wakeWaiter: (() => void) | undefined;
  return {
    wake(): void {
      isAwake = true;
      wakeWaiter?.();
    },
    async wait(timeoutMs: number): Promise<void> {
      if (!isAwake) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wakeWaiter = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wakeWaiter = undefined;
      isAwake = false;
    },
  };
}

export type Waker = ReturnType<typeof createWaker>;
