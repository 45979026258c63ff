CREATE TABLE "unanswered" (
	"tenant_id" uuid DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"development_id" uuid NOT NULL,
	"homeowner_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"body" text NOT NULL,
	"body_key" text GENERATED ALWAYS AS (lower(body)) STORED NOT NULL,
	"asked_on" date DEFAULT current_date NOT NULL,
	"message_id" uuid,
	CONSTRAINT "unanswered_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "unanswered_once_a_day_key" UNIQUE("tenant_id","homeowner_id","kind","body_key","asked_on"),
	CONSTRAINT "unanswered_kind_check" CHECK ("unanswered"."kind" in ('question', 'search'))
);
--> statement-breakpoint
ALTER TABLE "unanswered" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "unanswered" ADD CONSTRAINT "unanswered_development_fk" FOREIGN KEY ("tenant_id","development_id") REFERENCES "public"."developments"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unanswered" ADD CONSTRAINT "unanswered_homeowner_fk" FOREIGN KEY ("tenant_id","homeowner_id") REFERENCES "public"."homeowners"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unanswered" ADD CONSTRAINT "unanswered_message_fk" FOREIGN KEY ("tenant_id","message_id") REFERENCES "public"."messages"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "unanswered_message_idx" ON "unanswered" USING btree ("tenant_id","message_id");--> statement-breakpoint
CREATE INDEX "unanswered_newest_idx" ON "unanswered" USING btree ("tenant_id","development_id","created_at");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "unanswered" AS PERMISSIVE FOR ALL TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
-- By hand from here on. The owner of a table is bound by its policies only where it is told so.
ALTER TABLE "unanswered" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- How long it is kept stands here, as with sessions; queries show no more of it than that.
CREATE FUNCTION unanswered_delete_spent(most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH spent AS (
    SELECT id FROM public.unanswered
     WHERE tenant_id = (SELECT guard.tenant()) AND created_at < now() - interval '90 days'
     LIMIT $1
  ), deleted AS (
    DELETE FROM public.unanswered USING spent
     WHERE tenant_id = (SELECT guard.tenant()) AND unanswered.id = spent.id
    RETURNING 1
  )
  SELECT count(*)::integer FROM deleted
$$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION unanswered_delete_spent(integer) FROM PUBLIC;
