import { z } from "zod";

export const problemContentType = "application/problem+json";

/** RFC 9457, with our own members: `reason` is stable and what a client branches on. */
export const Problem = z
  .object({
    type: z.string().meta({ description: "A reference to what kind of problem this is." }),
    title: z.string().meta({ description: "The kind of problem, in words." }),
    status: z.int(),
    detail: z.string().meta({ description: "What went wrong this time, for a person." }),
    instance: z.string().meta({ description: "The path that was asked for." }),
    reason: z.string().optional().meta({ description: "The kind of problem, stable, for a program." }),
    fields: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .meta({ description: "By field or parameter, what is wrong with it." }),
    traceId: z.string().optional().meta({ description: "What to tell us when you ask about it." }),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;

/** A kind of problem has a place of its own below the gateway; one without a reason is just its status. */
export function problemType(reason: string | undefined): string {
  return reason === undefined ? "about:blank" : `/problems/${reason}`;
}

/** `out_of_stock` → "Out of stock". */
export function problemTitle(reason: string): string {
  const words = reason.replaceAll("_", " ").replace(/\bsku\b/, "SKU");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
