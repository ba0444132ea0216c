/** How each kind of procedure is called. These types know nothing of the server: they are published as they are. */

export type CallOptions = {
  signal?: AbortSignal | undefined;
  /** For the call with all its tries. */
  timeoutMs?: number | undefined;
};

/** Whether the stream is open now; `error` says why it is not. */
export type Connection = { state: "connecting" | "open"; error?: Error };

export type FollowOptions = {
  signal?: AbortSignal | undefined;
  onConnection?: ((connection: Connection) => void) | undefined;
};

export type Observer<Item> = Omit<FollowOptions, "signal"> & {
  onData: (item: Item) => void;
  /** What trying again cannot put right. Nothing follows it. */
  onError?: (error: Error) => void;
  /** The server has nothing more to tell. */
  onComplete?: () => void;
};

type Arguments<Input, Rest extends unknown[]> = undefined extends Input
  ? [input?: Input, ...rest: Rest]
  : [input: Input, ...rest: Rest];

export type Query<Input, Output> = { query(...given: Arguments<Input, [options?: CallOptions]>): Promise<Output> };

export type Mutation<Input, Output> = { mutate(...given: Arguments<Input, [options?: CallOptions]>): Promise<Output> };

export type Subscription<Input, Item> = {
  /** Ends when the server has nothing more to tell, when the signal aborts, or when the loop is left. */
  follow(...given: Arguments<Input, [options?: FollowOptions]>): AsyncIterable<Item>;
  subscribe(input: Input, observer: Observer<Item>): { unsubscribe(): void };
};

/** What a call takes, such as `InputOf<Api["order"]["place"]>`. */
export type InputOf<Call> =
  Call extends Query<infer Input, unknown>
    ? Input
    : Call extends Mutation<infer Input, unknown>
      ? Input
      : Call extends Subscription<infer Input, unknown>
        ? Input
        : never;

/** What a call answers, or what each item of a subscription is. */
export type OutputOf<Call> = Call extends { query(...given: never[]): Promise<infer Output> }
  ? Output
  : Call extends { mutate(...given: never[]): Promise<infer Output> }
    ? Output
    : Call extends { follow(...given: never[]): AsyncIterable<infer Item> }
      ? Item
      : never;
