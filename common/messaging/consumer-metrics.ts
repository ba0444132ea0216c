import type { Metrics } from "../observability/metrics.ts";

const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** What is worth knowing about a consumer of one stream, by the names it has on `/metrics`. */
export function createConsumerMetrics(metrics: Metrics, stream: string) {
  const label = { stream };
  const gauge = (name: string, help: string) => metrics.gauge(name, help, ["stream"]);
  const counter = (name: string, help: string) => metrics.counter(name, help, ["stream"]);
  const position = gauge("consumer_position", "Position up to which events are applied");
  const head = gauge("consumer_known_head", "Highest position known of the stream");
  const lag = gauge("consumer_lag_events", "Events known and not yet applied");
  const lagS = gauge("consumer_lag_seconds", "How far behind the stream: 0 when all that is known is applied");
  let levelAtMs = Date.now();
  let appliedUpToMs = 0;
  let isBehind = false;
  metrics.onScrape(() => {
    const sinceMs = Math.max(levelAtMs, appliedUpToMs);
    lagS.set(label, isBehind ? Math.max(0, Date.now() - sinceMs) / 1_000 : 0);
  });
  const delay = metrics.histogram(
    "consumer_delay_seconds",
    "From an event's append to its effect",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
    ["stream"],
  );
  const leading = gauge("consumer_leading", "1 while this instance applies the stream");
  const halted = gauge("consumer_halted", "1 when the stream stopped and an operator must look");
  const applied = counter("consumer_events_applied_total", "Events applied");
  const fetched = counter("consumer_events_fetched_total", "Events read from the producer rather than from MQTT");
  const buried = counter("consumer_dead_letters_total", "Events set aside as dead letters or parked behind one");
  const unreadable = counter(
    "consumer_unreadable_messages_total",
    "MQTT messages that were no events or did not chain",
  );
  const faults = counter("consumer_faults_total", "Attempts that failed because something else did");
  const batch = metrics.histogram("consumer_batch_events", "Events applied in one transaction", batchBuckets, [
    "stream",
  ]);

  return {
    at(place: { position: number; head: number }): void {
      position.set(label, place.position);
      head.set(label, place.head);
      lag.set(label, Math.max(0, place.head - place.position));
      isBehind = place.head > place.position;
      if (!isBehind) levelAtMs = Date.now();
    },
    settled(counts: { applied: number; buried: number; delayS: number }): void {
      applied.inc(label, counts.applied);
      if (counts.buried > 0) buried.inc(label, counts.buried);
      batch.observe(label, counts.applied + counts.buried);
      delay.observe(label, counts.delayS);
      appliedUpToMs = Date.now() - counts.delayS * 1_000;
    },
    leading(isLeading: boolean): void {
      leading.set(label, Number(isLeading));
      // Who does not apply the stream does not know how far it is.
      if (!isLeading) isBehind = false;
    },
    halted: (isHalted: boolean) => halted.set(label, Number(isHalted)),
    fetched: (events: number) => fetched.inc(label, events),
    unreadable: () => unreadable.inc(label),
    fault: () => faults.inc(label),
  };
}

export type ConsumerMetrics = ReturnType<typeof createConsumerMetrics>;
