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
	"caller_id" text NOT NULL,
	"key" uuid NOT NULL,
	"request_hash" text NOT NULL,
	"response" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_key_caller_id_key_pk" PRIMARY KEY("caller_id","key")
);
--> statement-breakpoint
CREATE TABLE "product" (
	"sku" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"unit_price_minor" bigint NOT NULL,
	"currency" text NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"search_words" "tsvector" DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "product_unit_price" CHECK ("product"."unit_price_minor" between 0 and 1000000000000)
);
--> statement-breakpoint
CREATE TABLE "reservation" (
	"order_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"location" text DEFAULT 'main' NOT NULL,
	"quantity" integer NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reservation_order_id_sku_location_pk" PRIMARY KEY("order_id","sku","location"),
	CONSTRAINT "reservation_quantity" CHECK ("reservation"."quantity" > 0),
	CONSTRAINT "reservation_status" CHECK ("reservation"."status" in ('held', 'released', 'sold'))
);
--> statement-breakpoint
CREATE TABLE "stock" (
	"sku" text NOT NULL,
	"location" text DEFAULT 'main' NOT NULL,
	"on_hand" integer NOT NULL,
	"reserved" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "stock_sku_location_pk" PRIMARY KEY("sku","location"),
	CONSTRAINT "stock_reserved" CHECK ("stock"."reserved" >= 0 and "stock"."on_hand" >= "stock"."reserved"),
	CONSTRAINT "stock_on_hand" CHECK ("stock"."on_hand" <= 1000000000)
);
--> statement-breakpoint
CREATE TABLE "stock_movement" (
	"sku" text NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "stock_movement_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"location" text DEFAULT 'main' NOT NULL,
	"kind" text NOT NULL,
	"on_hand_delta" integer NOT NULL,
	"reserved_delta" integer NOT NULL,
	"on_hand_after" integer NOT NULL,
	"reserved_after" integer NOT NULL,
	"order_id" uuid,
	"cause" text NOT NULL,
	"reason" text,
	"actor" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "stock_movement_sku_id_pk" PRIMARY KEY("sku","id"),
	CONSTRAINT "stock_movement_kind" CHECK ("stock_movement"."kind" in ('received', 'adjusted', 'reserved', 'released', 'sold'))
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
ALTER TABLE "stock" ADD CONSTRAINT "stock_sku_product_sku_fk" FOREIGN KEY ("sku") REFERENCES "public"."product"("sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "product_search_words" ON "product" USING gin ("search_words");