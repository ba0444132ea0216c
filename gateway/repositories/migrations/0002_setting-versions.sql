CREATE TABLE "setting_version" (
	"service" text NOT NULL,
	"version" integer NOT NULL,
	"values" jsonb NOT NULL,
	"author_id" text NOT NULL,
	"author_name" text NOT NULL,
	"reason" text NOT NULL,
	"rolled_back_to" integer,
	"idempotency_key" text NOT NULL,
	"request_hash" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "setting_version_service_version_pk" PRIMARY KEY("service","version"),
	CONSTRAINT "setting_version_request" UNIQUE("author_id","idempotency_key"),
	CONSTRAINT "setting_version_positive" CHECK ("setting_version"."version" > 0)
);
--> statement-breakpoint
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'rows of % are neither changed nor deleted', TG_TABLE_NAME;
END
$$;--> statement-breakpoint
CREATE TRIGGER "setting_version_is_append_only" BEFORE UPDATE OR DELETE ON "setting_version" FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
