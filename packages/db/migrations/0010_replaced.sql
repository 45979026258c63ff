ALTER TABLE "documents" ADD COLUMN "replaced_by" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "replaced_ids" text[];--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_replaced_by_fk" FOREIGN KEY ("tenant_id","replaced_by") REFERENCES "public"."documents"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "documents_replaced_by_idx" ON "documents" USING btree ("tenant_id","replaced_by");--> statement-breakpoint
-- By hand from here on. Of a document that was replaced, its id stays, so that links to it lead on: what it said does not.
CREATE OR REPLACE FUNCTION documents_delete_spent(most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH spent AS (
    SELECT id, replaced_by FROM public.documents
     WHERE tenant_id = (SELECT guard.tenant()) AND deleted_at < now() - interval '30 days'
       AND (replaced_by IS NULL OR body <> '')
     LIMIT $1
  ), deleted AS (
    DELETE FROM public.documents USING spent
     WHERE tenant_id = (SELECT guard.tenant()) AND documents.id = spent.id AND spent.replaced_by IS NULL
    RETURNING 1
  ), emptied AS (
    UPDATE public.documents SET title = '', file_name = '', body = '', uploaded_by = NULL FROM spent
     WHERE tenant_id = (SELECT guard.tenant()) AND documents.id = spent.id AND spent.replaced_by IS NOT NULL
    RETURNING 1
  )
  SELECT ((SELECT count(*) FROM deleted) + (SELECT count(*) FROM emptied))::integer
$$;
