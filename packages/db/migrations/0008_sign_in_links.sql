CREATE TABLE "sign_in_links" (
	"tenant_id" uuid DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"homeowner_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "sign_in_links_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "sign_in_links_token_key" UNIQUE("tenant_id","token_hash")
);
--> statement-breakpoint
ALTER TABLE "sign_in_links" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenant_directory" DROP CONSTRAINT "tenant_directory_kind_check";--> statement-breakpoint
-- Somebody may have homes of several companies: their e-mail address leads to each, what else there is to one.
ALTER TABLE "tenant_directory" DROP CONSTRAINT "tenant_directory_pkey";--> statement-breakpoint
ALTER TABLE "tenant_directory" ADD CONSTRAINT "tenant_directory_pkey" PRIMARY KEY("lookup_hash","tenant_id");--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_homeowner_fk" FOREIGN KEY ("tenant_id","homeowner_id") REFERENCES "public"."homeowners"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sign_in_links_homeowner_idx" ON "sign_in_links" USING btree ("tenant_id","homeowner_id");--> statement-breakpoint
ALTER TABLE "homeowners" ADD COLUMN "email_key" text GENERATED ALWAYS AS (lower(email)) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "homeowners_email_key_idx" ON "homeowners" USING btree ("tenant_id","email_key");--> statement-breakpoint
CREATE UNIQUE INDEX "tenant_directory_one_tenant_key" ON "tenant_directory" USING btree ("lookup_hash") WHERE "tenant_directory"."kind" <> 'homeowner_email';--> statement-breakpoint
ALTER TABLE "tenant_directory" ADD CONSTRAINT "tenant_directory_kind_check" CHECK ("tenant_directory"."kind" in ('staff_email', 'onboarding_code', 'homeowner_email'));--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "sign_in_links" AS PERMISSIVE FOR ALL TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
-- By hand from here on.
ALTER TABLE "sign_in_links" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- The tenants of a homeowner's e-mail address.
CREATE FUNCTION directory_find_all(hash text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenant_id FROM public.tenant_directory WHERE lookup_hash = $1 ORDER BY tenant_id LIMIT 20
$$;--> statement-breakpoint
-- Makes the current tenant findable by a homeowner's e-mail address, if it is not yet.
CREATE FUNCTION directory_add_home(hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO public.tenant_directory (tenant_id, kind, lookup_hash) VALUES (guard.tenant(), 'homeowner_email', $1)
  ON CONFLICT DO NOTHING
$$;--> statement-breakpoint
CREATE FUNCTION sign_in_links_delete_spent(most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH spent AS (
    SELECT id FROM public.sign_in_links
     WHERE tenant_id = (SELECT guard.tenant()) AND expires_at < now() - interval '1 day'
     LIMIT $1
  ), deleted AS (
    DELETE FROM public.sign_in_links USING spent
     WHERE tenant_id = (SELECT guard.tenant()) AND sign_in_links.id = spent.id
    RETURNING 1
  )
  SELECT count(*)::integer FROM deleted
$$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION directory_find_all(text), directory_add_home(text), sign_in_links_delete_spent(integer) FROM PUBLIC;
