-- An order changes its status three or four times soon after it is placed: room on the page keeps its versions together.
ALTER TABLE "customer_order" SET (fillfactor = 70);--> statement-breakpoint
-- One row each, updated by every commit: vacuum them before their dead versions make the page walk long.
ALTER TABLE "stream" SET (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);--> statement-breakpoint
ALTER TABLE "cursor" SET (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
