CREATE TABLE "skipped_range" (
	"stream" text NOT NULL,
	"skipped_at" timestamp with time zone DEFAULT now() NOT NULL,
	"after_position" bigint NOT NULL,
	"to_position" bigint NOT NULL,
	"log_id" uuid NOT NULL,
	"skipped_by" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "skipped_range_stream_skipped_at_pk" PRIMARY KEY("stream","skipped_at"),
	CONSTRAINT "skipped_range_forward" CHECK ("skipped_range"."to_position" > "skipped_range"."after_position")
);
