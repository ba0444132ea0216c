-- Ids that are drawn: compressing them took longer than parsing them, and saved half of what is forgotten soon.
ALTER TABLE "cursor_trail" ALTER COLUMN "events" SET STORAGE EXTERNAL;--> statement-breakpoint
-- No statement chooses by what a mail says or came of, and comparing a sample of both was half of an analysis.
ALTER TABLE "delivery" ALTER COLUMN "data" SET STATISTICS 0;--> statement-breakpoint
ALTER TABLE "delivery" ALTER COLUMN "trace" SET STATISTICS 0;
