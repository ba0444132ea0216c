CREATE TABLE "cursor" (
	"stream" text PRIMARY KEY NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	"log_id" uuid,
	"event_id" uuid,
	"dead_letters" integer DEFAULT 0 NOT NULL
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
	"key" uuid NOT NULL,
	"caller_id" text NOT NULL,
	"body_hash" text NOT NULL,
	"answer" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_key_caller_id_key_pk" PRIMARY KEY("caller_id","key")
);
--> statement-breakpoint
CREATE TABLE "shipment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"order_number" text NOT NULL,
	"status" text NOT NULL,
	"lines" jsonb NOT NULL,
	"shipping_address" jsonb,
	"carrier" text,
	"tracking_number" text,
	"traceparent" text,
	"correlation_id" text,
	"causation_id" uuid NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"dispatched_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	"cancelled_at" timestamp with time zone,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "shipment_order_id_unique" UNIQUE("order_id"),
	CONSTRAINT "shipment_status" CHECK ("shipment"."status" in ('requested', 'booked', 'dispatched', 'delivered', 'cancelled')),
	CONSTRAINT "shipment_booking" CHECK ("shipment"."status" not in ('booked', 'dispatched', 'delivered') or ("shipment"."carrier" is not null and "shipment"."tracking_number" is not null))
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
CREATE INDEX "idempotency_key_created_at" ON "idempotency_key" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "shipment_status_id" ON "shipment" USING btree ("status","id");