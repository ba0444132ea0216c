import type { ReceivedSpan } from "./receive-spans.ts";

export type SpanNode = { span: ReceivedSpan; children: SpanNode[] };

/** The trees of one trace, by start. A span whose parent is not there, such as the client's own, is a root. */
export function spanTree(spans: ReceivedSpan[], traceId: string): SpanNode[] {
  const nodes = new Map(
    spans
      .filter((span) => span.traceId === traceId)
      .map((span) => [span.spanId, { span, children: [] as SpanNode[] }] as const),
  );
  const roots: SpanNode[] = [];
  for (const node of [...nodes.values()].sort((a, b) => a.span.startMs - b.span.startMs)) {
    const parent = nodes.get(node.span.parentSpanId ?? "");
    (parent?.children ?? roots).push(node);
  }
  return roots;
}

/** `service name > service name` for each parent and child, each once. */
export function spanEdges(spans: ReceivedSpan[], traceId: string): Set<string> {
  const edges = new Set<string>();
  const visit = ({ span, children }: SpanNode): void => {
    for (const child of children) {
      edges.add(`${span.service} ${span.name} > ${child.span.service} ${child.span.name}`);
      visit(child);
    }
  };
  for (const root of spanTree(spans, traceId)) visit(root);
  return edges;
}

/** One line per span: when it began, how long it took, who, what. */
export function printTree(roots: SpanNode[]): string {
  const zero = roots[0]?.span.startMs ?? 0;
  const lines: string[] = [];
  const visit = ({ span, children }: SpanNode, depth: number): void => {
    const at = `+${(span.startMs - zero).toFixed(0)} ms`.padStart(10);
    const took = `${(span.endMs - span.startMs).toFixed(1)} ms`.padStart(10);
    const { isError, kind } = span;
    lines.push(
      `${at} ${took}  ${"  ".repeat(depth)}${span.service}: ${span.name} [${kind}]${isError ? " FAILED" : ""}`,
    );
    for (const child of children) visit(child, depth + 1);
  };
  for (const root of roots) visit(root, 0);
  return lines.join("\n");
}
