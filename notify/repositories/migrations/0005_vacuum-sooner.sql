-- By default a vacuum comes when a fifth of a table is dead: of four million deliveries after days.
ALTER TABLE "delivery" SET (autovacuum_vacuum_scale_factor = 0.05);
