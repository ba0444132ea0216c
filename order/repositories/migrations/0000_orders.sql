CREATE SEQUENCE "public"."order_number" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "cursor" (
	"stream" text PRIMARY KEY NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	"log_id" uuid,
	"event_id" uuid,
	"dead_letters" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "customer_order" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"customer_id" text NOT NULL,
	"contact_name" text NOT NULL,
	"contact_email" text NOT NULL,
	"status" text NOT NULL,
	"currency" text NOT NULL,
	"total_minor" bigint NOT NULL,
	"shipping_address" jsonb NOT NULL,
	"placed_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"version" integer NOT NULL,
	"dispatch_authorized_at" timestamp with time zone,
	CONSTRAINT "customer_order_status" CHECK ("customer_order"."status" in ('pending', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled')),
	CONSTRAINT "customer_order_total" CHECK ("customer_order"."total_minor" between 0 and 1000000000000)
);
--> statement-breakpoint
CREATE TABLE "dead_letter" (
	"stream" text NOT NULL,
	"position" bigint NOT NULL,
	"key" text NOT NULL,
	"event" jsonb NOT NULL,
	"is_parked" boolean NOT NULL,
	"error" text NOT NULL,
	"stack" text,
	"attempts" integer NOT NULL,
	"buried_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dead_letter_stream_position_pk" PRIMARY KEY("stream","position")
);
--> statement-breakpoint
CREATE TABLE "event" (
	"stream" text NOT NULL,
	"position" bigint NOT NULL,
	"id" uuid NOT NULL,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"traceparent" text,
	"correlation_id" text,
	"causation_id" text,
	"data" jsonb NOT NULL,
	CONSTRAINT "event_stream_position_pk" PRIMARY KEY("stream","position"),
	CONSTRAINT "event_data_bytes" CHECK (pg_column_size("event"."data") <= 524288)
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"caller_id" text NOT NULL,
	"key" uuid NOT NULL,
	"request_hash" text NOT NULL,
	"order_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_key_caller_id_key_pk" PRIMARY KEY("caller_id","key")
);
--> statement-breakpoint
CREATE TABLE "order_line" (
	"order_id" uuid NOT NULL,
	"position" smallint NOT NULL,
	"sku" text NOT NULL,
	"name" text NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price_minor" bigint NOT NULL,
	CONSTRAINT "order_line_order_id_position_pk" PRIMARY KEY("order_id","position"),
	CONSTRAINT "order_line_quantity" CHECK ("order_line"."quantity" between 1 and 1000)
);
--> statement-breakpoint
CREATE TABLE "stream" (
	"name" text PRIMARY KEY NOT NULL,
	"log_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"head" bigint DEFAULT 0 NOT NULL,
	"last_id" uuid,
	"before_id" uuid
);
--> statement-breakpoint
CREATE TABLE "timeline_entry" (
	"order_id" uuid NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "timeline_entry_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone NOT NULL,
	"event" text NOT NULL,
	"event_id" uuid NOT NULL,
	"trace_id" text,
	"status" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "timeline_entry_order_id_sequence_pk" PRIMARY KEY("order_id","sequence")
);
--> statement-breakpoint
CREATE INDEX "customer_order_by_customer" ON "customer_order" USING btree ("customer_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "customer_order_by_status" ON "customer_order" USING btree ("status","id" DESC NULLS LAST);