CREATE TABLE "stream_reader" (
	"stream" text NOT NULL,
	"reader" text NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	"seen_at" timestamp with time zone,
	"forgotten_at" timestamp with time zone,
	CONSTRAINT "stream_reader_stream_reader_pk" PRIMARY KEY("stream","reader")
);
