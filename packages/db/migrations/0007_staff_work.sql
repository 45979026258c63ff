CREATE TABLE "activity" (
	"tenant_id" uuid DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"staff_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"about" text NOT NULL,
	CONSTRAINT "activity_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "activity_kind_check" CHECK ("activity"."kind" in ('development.created', 'development.changed', 'development.archived', 'development.restored', 'unit.created', 'unit.changed', 'unit.archived', 'unit.restored', 'units.imported', 'homeowner.added', 'homeowner.changed', 'homeowner.removed', 'homeowner.signed_out', 'code.issued', 'code.withdrawn', 'document.uploaded', 'document.changed', 'document.replaced', 'document.deleted', 'document.restored', 'staff.invited', 'staff.role_changed', 'staff.disabled', 'staff.enabled', 'staff.link_made'))
);
--> statement-breakpoint
ALTER TABLE "activity" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "staff_links" (
	"tenant_id" uuid DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"staff_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "staff_links_pkey" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "staff_links" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "developments" ADD COLUMN "archived_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "indexing_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "units" ADD COLUMN "archived_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "activity" ADD CONSTRAINT "activity_staff_fk" FOREIGN KEY ("tenant_id","staff_id") REFERENCES "public"."staff"("tenant_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_links" ADD CONSTRAINT "staff_links_staff_fk" FOREIGN KEY ("tenant_id","staff_id") REFERENCES "public"."staff"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_newest_idx" ON "activity" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "activity_staff_idx" ON "activity" USING btree ("tenant_id","staff_id");--> statement-breakpoint
CREATE INDEX "staff_links_newest_idx" ON "staff_links" USING btree ("tenant_id","staff_id","created_at");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "activity" AS PERMISSIVE FOR ALL TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "staff_links" AS PERMISSIVE FOR ALL TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
-- By hand from here on. The owner of a table is bound by its policies only where it is told so.
ALTER TABLE "activity" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "staff_links" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- Removes one homeowner, with what hangs on them, and answers the codes that go, whose entries in the directory are the caller's
-- to remove. A function, so that the portals' role has no DELETE of a whole table.
CREATE FUNCTION homeowner_remove(homeowner uuid) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM public.homeowners WHERE tenant_id = (SELECT guard.tenant()) AND id = $1 RETURNING id
  )
  -- A statement sees the rows as they were when it began: the codes are still there.
  SELECT code FROM public.onboarding_codes JOIN gone ON gone.id = onboarding_codes.homeowner_id
   WHERE onboarding_codes.tenant_id = (SELECT guard.tenant())
$$;--> statement-breakpoint
-- How long what was deleted can be brought back stands here, as with sessions.
CREATE FUNCTION documents_delete_spent(most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH spent AS (
    SELECT id FROM public.documents
     WHERE tenant_id = (SELECT guard.tenant()) AND deleted_at < now() - interval '30 days'
     LIMIT $1
  ), deleted AS (
    DELETE FROM public.documents USING spent
     WHERE tenant_id = (SELECT guard.tenant()) AND documents.id = spent.id
    RETURNING 1
  )
  SELECT count(*)::integer FROM deleted
$$;--> statement-breakpoint
-- Uses a link up and sets the password of whose it is, both or neither; answers who that is. Null for a link that was used, is over,
-- was followed by a newer one, or is of an account that is disabled. The portals' role sets no password otherwise.
CREATE FUNCTION staff_set_password(link uuid, hash text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH used AS (
    UPDATE public.staff_links SET used_at = now()
     WHERE tenant_id = (SELECT guard.tenant()) AND id = $1 AND used_at IS NULL AND expires_at > now()
       AND NOT EXISTS (
         SELECT FROM public.staff_links newer
          WHERE newer.tenant_id = staff_links.tenant_id AND newer.staff_id = staff_links.staff_id
            AND newer.created_at > staff_links.created_at)
       AND EXISTS (
         SELECT FROM public.staff
          WHERE staff.tenant_id = staff_links.tenant_id AND staff.id = staff_links.staff_id AND disabled_at IS NULL)
    RETURNING tenant_id, staff_id
  )
  UPDATE public.staff SET password_hash = $2 FROM used
   WHERE staff.tenant_id = used.tenant_id AND staff.id = used.staff_id
  RETURNING staff.id
$$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION homeowner_remove(uuid), documents_delete_spent(integer), staff_set_password(uuid, text) FROM PUBLIC;
