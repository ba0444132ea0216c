/** A way into a service: an HTTP port, the listeners of events, the job runner. */
export type Door = {
  name: string;
  /** Lets nothing more in, and resolves when what is inside has finished. */
  close(): Promise<void>;
};
