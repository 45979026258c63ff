-- By hand down to the function: drizzle-kit cannot say it. What only the owner may see: the keys of tenants' tokens.
CREATE SCHEMA "guard";--> statement-breakpoint
-- Whoever may read a table has to be able to ask who reads. There is nothing in here that anybody is granted.
GRANT USAGE ON SCHEMA "guard" TO public;--> statement-breakpoint
-- HMAC-SHA256 with the key mixed in already, so that a check is two calls of Postgres' own sha256() and needs no extension.
-- The first place has the key that is signed with, the second the one before it, while keys are changed.
CREATE TABLE "guard"."key" (
	"place" smallint PRIMARY KEY NOT NULL CHECK ("place" in (1, 2)),
	"ipad" bytea NOT NULL CHECK (length("ipad") = 64),
	"opad" bytea NOT NULL CHECK (length("opad") = 64)
);
--> statement-breakpoint
REVOKE ALL ON "guard"."key" FROM public;--> statement-breakpoint
-- The tenant of the statement's token, tenant.backend.expiry.signature; null without one. Restricted, because a parallel
-- worker is another backend: it gets what its leader was told.
CREATE FUNCTION "guard"."tenant"() RETURNS uuid
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	token CONSTANT text := current_setting('app.tenant', true);
	inner_pad bytea;
	outer_pad bytea;
BEGIN
	-- What is usual comes first, and in one expression: plpgsql sets each up anew in every transaction.
	SELECT ipad, opad INTO inner_pad, outer_pad FROM guard.key WHERE place = 1;
	IF encode(sha256(outer_pad || sha256(inner_pad || convert_to(left(token, -65), 'UTF8'))), 'hex') = split_part(token, '.', 4)
		AND split_part(token, '.', 2) IN (pg_backend_pid()::text, '*')
		AND to_timestamp(split_part(token, '.', 3)::double precision + 30) >= transaction_timestamp()
	THEN RETURN split_part(token, '.', 1)::uuid; END IF;

	IF token IS NULL OR token = '' THEN RETURN NULL; END IF;
	IF '.' || encode(sha256(outer_pad || sha256(inner_pad || convert_to(left(token, -65), 'UTF8'))), 'hex') IS DISTINCT FROM right(token, 65) THEN
		SELECT ipad, opad INTO inner_pad, outer_pad FROM guard.key WHERE place = 2;
		IF '.' || encode(sha256(outer_pad || sha256(inner_pad || convert_to(left(token, -65), 'UTF8'))), 'hex') IS DISTINCT FROM right(token, 65) THEN
			RAISE EXCEPTION 'the tenant''s token has no signature that this database knows' USING ERRCODE = 'OH001',
				HINT = 'The portals sign with TENANT_SIGNING_KEY: npm run db:migrate has to be given the same.';
		END IF;
	END IF;
	IF split_part(token, '.', 2) NOT IN (pg_backend_pid()::text, '*') THEN
		RAISE EXCEPTION 'the tenant''s token is another connection''s' USING ERRCODE = 'OH001',
			HINT = 'Behind a pooler that shares its connections, tokens need TENANT_TOKEN_BINDING=none.';
	END IF;
	-- Judged by when the transaction began, so that a long one does not lose its tenant on the way. The clocks of the portals
	-- and of the server may be 30 seconds apart.
	IF to_timestamp(split_part(token, '.', 3)::double precision + 30) < transaction_timestamp() THEN
		RAISE EXCEPTION 'the tenant''s token has expired' USING ERRCODE = 'OH001',
			HINT = 'Compare the clocks of the portals and of the database.';
	END IF;
	RETURN split_part(token, '.', 1)::uuid;
END $$;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "guard"."tenant"() TO public;--> statement-breakpoint
ALTER TABLE "chat_threads" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "development_words" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "developments" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "document_chunks" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "document_terms" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "documents" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "homeowners" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "messages" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "onboarding_codes" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "staff" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "tenant_directory" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "tenants" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "tool_calls" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER TABLE "units" ALTER COLUMN "tenant_id" SET DEFAULT nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid;--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "chat_threads" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "development_words" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "developments" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "document_chunks" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "document_terms" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "documents" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "homeowners" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "messages" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "onboarding_codes" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "sessions" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "staff" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "own_insert" ON "tenant_directory" TO public WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "own_update" ON "tenant_directory" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "own_delete" ON "tenant_directory" TO public USING (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "tenants" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "tool_calls" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "units" TO public USING (tenant_id = (select guard.tenant())) WITH CHECK (tenant_id = (select guard.tenant()));