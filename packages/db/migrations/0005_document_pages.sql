CREATE TABLE "document_pages" (
	"tenant_id" uuid DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid NOT NULL,
	"document_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"first_passage" integer NOT NULL,
	"blocks" text NOT NULL,
	CONSTRAINT "document_pages_pkey" PRIMARY KEY("tenant_id","document_id","number")
);
--> statement-breakpoint
ALTER TABLE "document_pages" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
-- By hand: the owner of a table is bound by its policies only where it is told so.
ALTER TABLE "document_pages" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "page_count" integer;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "outline" jsonb;--> statement-breakpoint
ALTER TABLE "document_pages" ADD CONSTRAINT "document_pages_document_fk" FOREIGN KEY ("tenant_id","document_id") REFERENCES "public"."documents"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "document_pages" AS PERMISSIVE FOR ALL TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));