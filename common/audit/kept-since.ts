/** SQL for the moment since when a thing of the table `retention` is kept whole, `-infinity` while nothing was pruned. */
export function wholeSince(what: string): string {
  return `coalesce((select kept_since from retention where what = '${what}'), '-infinity'::timestamptz)`;
}

/**
 * SQL for the moment from which on every event of a stream is still there: a minute after the oldest one that is, since
 * clocks differ, and `-infinity` while nothing was pruned. What is older cannot be held against the log.
 */
export function keptSince(stream: string): string {
  return `coalesce((
    select case when position > 1 then time + interval '1 minute' else '-infinity'::timestamptz end
    from event where stream = '${stream}' order by position limit 1), '-infinity'::timestamptz)`;
}
