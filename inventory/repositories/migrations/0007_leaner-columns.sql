-- Ids that are drawn: compressing them took longer than parsing them, and saved half of what is forgotten soon.
ALTER TABLE "cursor_trail" ALTER COLUMN "events" SET STORAGE EXTERNAL;--> statement-breakpoint
-- No statement chooses by what events say, and comparing a sample of it was half of an analysis.
ALTER TABLE "event" ALTER COLUMN "data" SET STATISTICS 0;
