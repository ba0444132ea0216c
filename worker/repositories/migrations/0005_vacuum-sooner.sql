-- By default a vacuum comes when a fifth of a table is dead: of a million shipments after days.
ALTER TABLE "shipment" SET (autovacuum_vacuum_scale_factor = 0.05);--> statement-breakpoint
-- Pruned from its low end, where every next round begins: among what is dead and not yet vacuumed.
ALTER TABLE "event" SET (autovacuum_vacuum_scale_factor = 0.02);
