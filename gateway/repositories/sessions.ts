import { Refusal } from "@orderflow/common/errors";
import type { SQL } from "bun";

export type Session = {
  id: string;
  createdAt: Date;
  /** When it was last prolonged. */
  updatedAt: Date;
  expiresAt: Date;
  ipAddress: string | null;
  userAgent: string | null;
};

export type Sessions = ReturnType<typeof createSessions>;

const maxListed = 100;

/** Where a user is signed in. The tokens stay out of it. */
export function createSessions(sql: SQL) {
  return {
    /** Newest first, at most 100, without those that have ended. */
    async listOf(userId: string, now: Date): Promise<Session[]> {
      return await sql`
        select id, created_at as "createdAt", updated_at as "updatedAt", expires_at as "expiresAt",
               ip_address as "ipAddress", user_agent as "userAgent"
        from session where user_id = ${userId} and expires_at > ${now} order by id desc limit ${maxListed}`;
    },

    /** Throws a Refusal when the user has no such session, or no longer. */
    async revoke({ id, userId }: { id: string; userId: string }): Promise<void> {
      const revoked: unknown[] = await sql`delete from session where id = ${id} and user_id = ${userId} returning id`;
      if (revoked.length === 0) throw new Refusal("session_not_found", "You have no such session");
    },
  };
}
