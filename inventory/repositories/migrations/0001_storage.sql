-- Room on each page, so that an update of a hot row stays there and touches no index.
ALTER TABLE "stock" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "reservation" SET (fillfactor = 80);
