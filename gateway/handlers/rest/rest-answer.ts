import { z } from "zod";
import { renameFields } from "../../domain/rest-input.ts";
import type { RestRoute } from "../../domain/rest-routes.ts";
import { problemResponse } from "./problem-response.ts";
import { openStream } from "./rest-stream.ts";

const ErrorAnswer = z.object({
  error: z.object({
    message: z.string(),
    data: z.object({
      httpStatus: z.int().min(400).max(599),
      reason: z.string().optional(),
      fields: z.record(z.string(), z.array(z.string())).optional(),
      traceId: z.string().optional(),
    }),
  }),
});
const before = '{"result":{"data":';
const after = "}}";

/** What a procedure answered, as REST answers it: its data alone, or a problem. A stream passes as it is. */
export async function toRestAnswer(answer: Response, route: RestRoute, instance: string): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  headers.delete("vary");
  if (answer.body !== null && headers.get("content-type")?.startsWith("text/event-stream")) {
    const opened = await openStream(answer.body);
    if ("body" in opened) return new Response(opened.body, { headers });
    headers.delete("cache-control");
    return toProblem({ text: `{"error":${opened.refusal}}`, headers, route, instance });
  }
  const text = await answer.text();
  if (answer.status !== 200) return toProblem({ text, headers, route, instance });
  // Cut out rather than parsed: that is what an answer costs most.
  const data = text.startsWith(before) && text.endsWith(after) ? text.slice(before.length, -after.length) : undefined;
  if (data === undefined) return new Response(null, { status: 204, headers });
  headers.set("content-type", "application/json");
  if (route.location !== undefined) headers.set("location", locationOf(route.location, data));
  return new Response(data, { status: route.status, headers });
}

type Failed = { text: string; headers: Headers; route: RestRoute; instance: string };

function toProblem({ text, headers, route, instance }: Failed): Response {
  const { message, data } = ErrorAnswer.parse(JSON.parse(text)).error;
  const fields = data.fields && renameFields(data.fields, route);
  const detail = fields ? `The input is not valid: ${Object.keys(fields).join(", ")}` : message;
  return problemResponse(
    { status: data.httpStatus, reason: data.reason, detail, instance, traceId: data.traceId, fields },
    headers,
  );
}

/** `/api/v1/orders/{id}` with the id that was answered. */
function locationOf(template: string, json: string): string {
  const made = JSON.parse(json) as Record<string, unknown>;
  return template.replaceAll(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(made[field])));
}
