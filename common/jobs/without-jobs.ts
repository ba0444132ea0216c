import { AsyncLocalStorage } from "node:async_hooks";

const off = new AsyncLocalStorage<true>();

/** Whatever `work` would add to the job queue is left out: for a replay, whose mails and bookings were had long ago. */
export function withoutJobs<T>(work: () => Promise<T>): Promise<T> {
  return off.run(true, work);
}

export function areJobsOff(): boolean {
  return off.getStore() === true;
}
