CREATE TABLE "activity" (
	"tenant_id" uuid DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"staff_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"about" text NOT NULL,
	CONSTRAINT "activity_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "activity_kind_check" CHECK ("activity"."kind" in ('development.created', 'development.changed', 'development.archived', 'development.restored', 'unit.created', 'unit.changed', 'unit.archived', 'unit.restored', 'units.imported', 'homeowner.added', 'homeowner.changed', 'homeowner.removed', 'homeowner.signed_out', 'code.issued', 'code.withdrawn', 'document.uploaded', 'document.changed', 'document.replaced', 'document.deleted', 'document.restored'))
);
--> statement-breakpoint
ALTER TABLE "activity" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "developments" ADD COLUMN "archived_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "indexing_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "units" ADD COLUMN "archived_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "activity" ADD CONSTRAINT "activity_staff_fk" FOREIGN KEY ("tenant_id","staff_id") REFERENCES "public"."staff"("tenant_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_newest_idx" ON "activity" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "activity_staff_idx" ON "activity" USING btree ("tenant_id","staff_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "activity" AS PERMISSIVE FOR ALL TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
-- By hand from here on. The owner of a table is bound by its policies only where it is told so.
ALTER TABLE "activity" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
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
REVOKE EXECUTE ON FUNCTION homeowner_remove(uuid), documents_delete_spent(integer) FROM PUBLIC;
