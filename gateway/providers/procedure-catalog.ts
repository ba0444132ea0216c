import { Unavailable } from "@orderflow/common/errors";
import { ProcedureTypes } from "@orderflow/common/trpc/procedure-types";
import type { ProcedureType } from "../domain/scopes.ts";
import type { Upstream } from "./upstream.ts";

export type ProcedureCatalog = {
  /** Undefined for what the service does not have. Throws Unavailable when its list was never read. */
  typeOf(service: string, procedure: string): ProcedureType | undefined | Promise<ProcedureType | undefined>;
  /** Whether the service, as it was read last, takes several calls of this procedure in one request. */
  isGathered(service: string, procedure: string): boolean;
};

type Options = {
  upstreams: ReadonlyMap<string, Upstream>;
  /** How long a list is used before it is read again, while the calls go on. */
  maxAgeMs?: number;
  nowMs?: () => number;
};

type Listed = { types: ReadonlyMap<string, ProcedureType>; gathered: ReadonlySet<string> };
type Listing = {
  listed: Listed | undefined;
  readAtMs: number;
  reading: Promise<void> | undefined;
};

const timeoutMs = 1_500;
/** A name that is not on the list may be new: the list is read again, but no oftener than this. */
const rereadMs = 1_000;
const retryAfterS = 1;

/** What can be asked of each service, so that nothing else is forwarded, and so that a scope fits the call. */
export function createProcedureCatalog({
  upstreams,
  maxAgeMs = 10_000,
  nowMs = () => performance.now(),
}: Options): ProcedureCatalog {
  const listings = new Map<string, Listing>();

  function read(service: string, listing: Listing): Promise<void> {
    listing.reading ??= readListed(upstreams.get(service))
      .then((listed) => {
        listing.listed = listed;
      })
      .finally(() => {
        listing.readAtMs = nowMs();
        listing.reading = undefined;
      });
    return listing.reading;
  }

  async function readAndFind(service: string, procedure: string, listing: Listing): Promise<ProcedureType | undefined> {
    try {
      await read(service, listing);
    } catch (cause) {
      if (!listing.listed)
        throw new Unavailable("dependency_unavailable", `${service} is not reachable`, { retryAfterS, cause });
    }
    return listing.listed?.types.get(procedure);
  }

  return {
    typeOf(service, procedure) {
      const listing = listings.get(service) ?? { listed: undefined, readAtMs: -rereadMs, reading: undefined };
      listings.set(service, listing);
      const ageMs = nowMs() - listing.readAtMs;
      const known = listing.listed?.types.get(procedure);
      if (known) {
        // What was told last holds until it is told anew: a service that is away is no reason to wait here.
        if (ageMs > maxAgeMs) read(service, listing).catch(() => {});
        return known;
      }
      if (listing.listed && ageMs < rereadMs) return undefined;
      return readAndFind(service, procedure, listing);
    },
    isGathered: (service, procedure) => listings.get(service)?.listed?.gathered.has(procedure) === true,
  };
}

async function readListed(upstream: Upstream | undefined): Promise<Listed> {
  if (!upstream) return { types: new Map(), gathered: new Set() };
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await upstream.send({ method: "GET", path: "/procedures", headers: {}, body: undefined, signal });
  if (!answer.ok) throw new Error(`${upstream.service} answered ${answer.status} for its procedures`);
  const { procedures, gathered } = ProcedureTypes.parse(await answer.json());
  return { types: new Map(Object.entries(procedures)), gathered: new Set(gathered) };
}
