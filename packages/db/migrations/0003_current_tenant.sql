-- By hand down to the grant: drizzle-kit cannot say it. What policies ask: the usual case of guard.tenant() as an expression
-- that is planned with the statement, where a call would set up three of its own in each transaction. The function is asked
-- for everything else, so for whatever is wrong. The key is joined from the left, so that without one there is a row all the same.
CREATE VIEW "guard"."current_tenant" ("tenant") AS
SELECT CASE
	WHEN encode(sha256(opad || sha256(ipad || convert_to(left(token, -65), 'UTF8'))), 'hex') = split_part(token, '.', 4)
		AND split_part(token, '.', 2) IN (pg_backend_pid()::text, '*')
		AND to_timestamp(split_part(token, '.', 3)::double precision + 30) >= transaction_timestamp()
	THEN split_part(token, '.', 1)::uuid
	ELSE guard.tenant() END
FROM (SELECT current_setting('app.tenant', true) AS token OFFSET 0) AS sent LEFT JOIN guard.key ON place = 1;
--> statement-breakpoint
-- It tells whoever asks what the function tells.
GRANT SELECT ON "guard"."current_tenant" TO public;--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "chat_threads" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "development_words" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "developments" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "document_chunks" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "document_terms" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "documents" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "homeowners" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "messages" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "onboarding_codes" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "sessions" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "staff" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "own_insert" ON "tenant_directory" TO public WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "own_update" ON "tenant_directory" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "own_delete" ON "tenant_directory" TO public USING (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "tenants" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "tool_calls" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "units" TO public USING (tenant_id = (select tenant from guard.current_tenant)) WITH CHECK (tenant_id = (select tenant from guard.current_tenant));