CREATE TABLE "lost_event" (
	"id" uuid PRIMARY KEY NOT NULL,
	"stream" text NOT NULL,
	"position" bigint NOT NULL,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"accepted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "lost_event_by_key" ON "lost_event" USING btree ("key");