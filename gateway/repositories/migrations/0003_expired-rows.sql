-- deliberate: a row for each caller and address of the last minutes, in a table that is not logged.
CREATE INDEX IF NOT EXISTS "rate_limit_expire" ON "rate_limit" USING btree ("expire");--> statement-breakpoint
-- deliberate: signing in waits for the scan. With millions of sessions make it by hand before, CONCURRENTLY.
CREATE INDEX IF NOT EXISTS "session_expires_at" ON "session" USING btree ("expires_at");--> statement-breakpoint
-- deliberate: nothing that is offered adds a row to it.
CREATE INDEX IF NOT EXISTS "verification_expires_at" ON "verification" USING btree ("expires_at");
