/**
 * A collector that prints traces as trees, to see what one order does:
 *
 *   bun examples/print-trace.ts         (prints the address to give to `up`, then each order's tree once it is still)
 *   bun run up --env TRACE_SAMPLE_RATIO=1 --env OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
 *   bun examples/place-order.ts
 */
import { receiveSpans } from "@orderflow/tools/otlp/receive-spans";
import { printTree, spanTree } from "@orderflow/tools/otlp/span-tree";

const port = Number(process.argv[2] ?? 4318);
/** A name that a trace must have in it to be printed. */
const wanted = process.argv[3] ?? "order.place";
const stillMs = 12_000;

const receiver = receiveSpans({ port });
console.log(`Spans are taken at ${receiver.url}. Traces with "${wanted}" in them are printed when nothing more comes.`);
const printed = new Set<string>();

for (;;) {
  await Bun.sleep(1_000);
  const spans = receiver.spans();
  const asked = new Set(spans.filter(({ name }) => name.includes(wanted)).map(({ traceId }) => traceId));
  for (const traceId of asked) {
    const lastMs = Math.max(...spans.filter((span) => span.traceId === traceId).map(({ endMs }) => endMs));
    if (printed.has(traceId) || Date.now() - lastMs < stillMs) continue;
    printed.add(traceId);
    console.log(`\ntrace ${traceId}\n${printTree(spanTree(spans, traceId))}`);
  }
}
