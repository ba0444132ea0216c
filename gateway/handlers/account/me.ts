import { z } from "zod";
import { exampleUserId } from "./examples.ts";
import { customerProcedure } from "./trpc.ts";

const Me = z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(["customer", "operator"]) });

/** The caller, as the services see it. */
export const me = customerProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/account/me",
      summary: "See who you are",
      example: {
        output: { id: exampleUserId, name: "Ada Lovelace", email: "ada@example.com", role: "customer" },
      },
    },
  })
  .output(Me)
  .query(({ ctx: { caller } }) => {
    const { id, name, email, role } = caller;
    return Me.parse({ id, name, email, role });
  });
