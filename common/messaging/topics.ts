const root = "orderflow/v1";

/** `order` → `orderflow/v1/evt/order`; a command stream `order.commands.worker` → `orderflow/v1/cmd/worker/order.commands.worker`. */
export function topicOf(stream: string): string {
  const [, target] = stream.split(".commands.");
  return target === undefined ? `${root}/evt/${stream}` : `${root}/cmd/${target}/${stream}`;
}
