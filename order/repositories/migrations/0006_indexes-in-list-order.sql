-- deliberate: the release before reads by the new ones as well; it never named these, and their order was of no use to it.
-- First, as it takes the table's strongest lock: whoever takes a weaker one before it can deadlock with those who write.
DROP INDEX "customer_order_by_customer";--> statement-breakpoint
-- deliberate: as of the one above.
DROP INDEX "customer_order_by_status";--> statement-breakpoint
-- deliberate: of a large shop they are made beforehand, with CREATE INDEX CONCURRENTLY; then this finds them.
CREATE INDEX IF NOT EXISTS "customer_order_of_customer" ON "customer_order" USING btree ("customer_id","id","status");--> statement-breakpoint
-- deliberate: made beforehand, as the one above.
CREATE INDEX IF NOT EXISTS "customer_order_in_status" ON "customer_order" USING btree ("status","id");
