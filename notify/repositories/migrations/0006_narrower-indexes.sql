-- deliberate: the release before never named it. Of two deliveries for one event both are of one order and kind, or of no
-- order. First, as it takes the table's strongest lock: whoever takes a weaker one before it can deadlock with those who write.
ALTER TABLE "delivery" DROP CONSTRAINT "delivery_event_channel";--> statement-breakpoint
-- deliberate: the release before finds by the new one what waits or failed, and by the primary key what is sent, as ever.
DROP INDEX "delivery_status_id";--> statement-breakpoint
-- deliberate: of a large shop they are made beforehand, with CREATE INDEX CONCURRENTLY; then this finds them.
CREATE UNIQUE INDEX IF NOT EXISTS "delivery_of_no_order" ON "delivery" USING btree ("event_id","channel") WHERE "delivery"."order_id" is null;--> statement-breakpoint
-- deliberate: made beforehand, as the one above.
CREATE INDEX IF NOT EXISTS "delivery_not_sent" ON "delivery" USING btree ("status","id") WHERE "delivery"."status" <> 'sent';
