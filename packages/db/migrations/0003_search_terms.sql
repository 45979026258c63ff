CREATE TABLE "development_words" (
	"tenant_id" uuid DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid NOT NULL,
	"development_id" uuid NOT NULL,
	"size" smallint GENERATED ALWAYS AS (char_length(word)) STORED NOT NULL,
	"word" text NOT NULL,
	"lexeme" text NOT NULL,
	CONSTRAINT "development_words_pkey" PRIMARY KEY("tenant_id","development_id","size","word")
);
--> statement-breakpoint
ALTER TABLE "development_words" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "document_terms" (
	"tenant_id" uuid DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid NOT NULL,
	"development_id" uuid NOT NULL,
	"document_id" uuid NOT NULL,
	"lexeme" text NOT NULL,
	"positions" integer[] NOT NULL,
	"impacts" smallint[] NOT NULL,
	CONSTRAINT "document_terms_pkey" PRIMARY KEY("tenant_id","development_id","lexeme","document_id")
);
--> statement-breakpoint
ALTER TABLE "document_terms" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "development_words" ADD CONSTRAINT "development_words_development_fk" FOREIGN KEY ("tenant_id","development_id") REFERENCES "public"."developments"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_development_key" UNIQUE("tenant_id","development_id","id");--> statement-breakpoint
ALTER TABLE "document_terms" ADD CONSTRAINT "document_terms_document_fk" FOREIGN KEY ("tenant_id","development_id","document_id") REFERENCES "public"."documents"("tenant_id","development_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "document_terms_document_idx" ON "document_terms" USING btree ("tenant_id","development_id","document_id");--> statement-breakpoint
ALTER TABLE "document_chunks" DROP COLUMN "search";--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "development_words" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "document_terms" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);