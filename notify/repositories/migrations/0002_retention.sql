CREATE TABLE "retention" (
	"what" text PRIMARY KEY NOT NULL,
	"kept_since" timestamp with time zone NOT NULL
);
