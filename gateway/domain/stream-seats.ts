type Bounds = {
  /** Requests of ours to services that may be open at once. */
  openRequests: number;
  /** Files and connections of this process; undefined when it is not known. */
  openFiles: number | undefined;
};

const requestsKeptForCalls = 1_000;
const filesKeptForCalls = 2_000;
/** To its client, and to its service. */
const connectionsOfStream = 2;

/** How many streams may be open at once, so that calls never wait for those: at least half of everything is theirs. */
export function streamSeatsWithin({ openRequests, openFiles = Number.POSITIVE_INFINITY }: Bounds): number {
  const requests = openRequests - Math.min(requestsKeptForCalls, Math.ceil(openRequests / 2));
  const files = (openFiles - Math.min(filesKeptForCalls, openFiles / 2)) / connectionsOfStream;
  return Math.max(1, Math.floor(Math.min(requests, files)));
}
