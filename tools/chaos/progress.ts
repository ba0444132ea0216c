const progressMs = 10_000;

export function createProgress(orders: number): (done: number) => void {
  let saidAt = performance.now();
  return (done) => {
    if (performance.now() - saidAt < progressMs) return;
    saidAt = performance.now();
    say(`${done} of ${orders} visits`);
  };
}

/** A line with the time of day, in UTC as the services' logs have it. */
export function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
}
