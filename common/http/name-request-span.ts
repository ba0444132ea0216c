import { trace } from "@opentelemetry/api";

/** Names the server span of this request by the procedures it calls, once they are known to exist. */
export function nameRequestSpan(method: string, endpoint: string, procedures: readonly string[]): void {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return;
  const [procedure] = procedures;
  span.updateName(`${method} ${endpoint}/${procedures.length === 1 ? procedure : "batch"}`);
  span.setAttributes({ "rpc.system": "trpc", "rpc.method": procedures.slice(0, 20).join(",") });
}
