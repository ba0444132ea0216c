CREATE TABLE "cursor_trail" (
	"stream" text NOT NULL,
	"position" bigint NOT NULL,
	"events" jsonb NOT NULL,
	CONSTRAINT "cursor_trail_stream_position_pk" PRIMARY KEY("stream","position")
);
--> statement-breakpoint
CREATE TABLE "discarded_dead_letter" (
	"stream" text NOT NULL,
	"position" bigint NOT NULL,
	"discarded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"key" text NOT NULL,
	"event" jsonb NOT NULL,
	"error" text NOT NULL,
	"attempts" integer NOT NULL,
	"buried_at" timestamp with time zone NOT NULL,
	"discarded_by" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "discarded_dead_letter_stream_position_discarded_at_pk" PRIMARY KEY("stream","position","discarded_at")
);
--> statement-breakpoint
CREATE INDEX "dead_letter_by_key" ON "dead_letter" USING btree ("stream","key","position");