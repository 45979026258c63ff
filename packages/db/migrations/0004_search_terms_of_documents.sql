-- Corrects misspelt words where the server has it and lets us; search works without. Trusted: an owner may create it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'pg_trgm was not created: misspelt words are compared letter by letter instead';
END $$;--> statement-breakpoint
-- The owner sees no row of a table whose row-level security is forced. Until the commit nobody else sees the table either.
ALTER TABLE "documents" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "document_chunks" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
INSERT INTO "document_terms" (tenant_id, development_id, document_id, lexeme, positions, impacts)
SELECT tenant_id, development_id, document_id, lexeme, array_agg(position ORDER BY position), array_agg(impact ORDER BY position)
FROM (
  SELECT d.tenant_id, d.development_id, d.id AS document_id, c.position, t.lexeme,
    (SELECT round(1000 * sum(gain) / (sum(gain) + 2.0))
       FROM (SELECT CASE label WHEN 'A' THEN 4 WHEN 'B' THEN 2 ELSE 1 END AS gain FROM unnest(t.weights) label) gains)::smallint AS impact
  FROM "documents" d
  JOIN "document_chunks" c ON c.tenant_id = d.tenant_id AND c.document_id = d.id
  CROSS JOIN LATERAL unnest(setweight(to_tsvector('english', coalesce(c.heading, '')), 'A')
    || setweight(to_tsvector('english', d.title), 'B') || to_tsvector('english', c.body)) t
) found
GROUP BY tenant_id, development_id, document_id, lexeme;--> statement-breakpoint
INSERT INTO "development_words" (tenant_id, development_id, word, lexeme)
SELECT tenant_id, development_id, word, (ts_lexize('english_stem', word))[1]
FROM (
  SELECT DISTINCT d.tenant_id, d.development_id, lower(p.token) AS word
  FROM "documents" d
  JOIN "document_chunks" c ON c.tenant_id = d.tenant_id AND c.document_id = d.id
  CROSS JOIN LATERAL ts_parse('default', concat_ws(E'\n', d.title, c.heading, c.body)) p
  WHERE p.tokid IN (1, 2, 10, 11) AND char_length(p.token) BETWEEN 3 AND 40
) found
WHERE cardinality(ts_lexize('english_stem', word)) > 0;--> statement-breakpoint
-- They were stored together with their chunks.
UPDATE "documents" SET indexed_at = created_at WHERE indexed_at IS NULL;--> statement-breakpoint
ALTER TABLE "documents" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "document_chunks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "document_terms" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "development_words" FORCE ROW LEVEL SECURITY;
