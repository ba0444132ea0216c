CREATE TABLE "retention" (
	"what" text PRIMARY KEY NOT NULL,
	"kept_since" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stream_reader" (
	"stream" text NOT NULL,
	"reader" text NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	"seen_at" timestamp with time zone,
	"forgotten_at" timestamp with time zone,
	CONSTRAINT "stream_reader_stream_reader_pk" PRIMARY KEY("stream","reader")
);
--> statement-breakpoint
CREATE INDEX "idempotency_key_created_at" ON "idempotency_key" USING btree ("created_at");