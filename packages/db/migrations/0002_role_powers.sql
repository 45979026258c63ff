-- It told a tenant which others there are, and nothing looks a company up by its slug.
ALTER TABLE "tenants" DROP CONSTRAINT "tenants_slug_key";--> statement-breakpoint
-- By hand from here on: drizzle-kit knows no functions. The portals' role has no grant on tenant_directory and rate_limits,
-- and may not delete sessions and codes: it does what its queries do, through these, and no more. They run as their owner,
-- whom policies do not bind where it is a superuser, so each names the tenant itself. Parameters are numbers ($1), so
-- that none is taken for a column.
--
-- The tenant of an e-mail address or onboarding code. Whoever cannot make the hash learns nothing.
CREATE FUNCTION directory_find(hash text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenant_id FROM public.tenant_directory WHERE lookup_hash = $1
$$;--> statement-breakpoint
-- Makes the current tenant findable. 23505 where another one has the value.
CREATE FUNCTION directory_add(kind text, hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO public.tenant_directory (tenant_id, kind, lookup_hash) VALUES (guard.tenant(), $1, $2)
$$;--> statement-breakpoint
CREATE FUNCTION directory_remove(hashes text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM public.tenant_directory
   WHERE lookup_hash = ANY ($1) AND tenant_id = (SELECT guard.tenant())
$$;--> statement-breakpoint
-- Lets the current tenant be found by these and no others: their key has changed.
CREATE FUNCTION directory_replace(kinds text[], hashes text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM public.tenant_directory
   WHERE lookup_hash NOT IN (SELECT unnest($2)) AND tenant_id = (SELECT guard.tenant());
  INSERT INTO public.tenant_directory (tenant_id, kind, lookup_hash)
    SELECT guard.tenant(), entry.kind, entry.hash FROM unnest($1, $2) AS entry (kind, hash) ON CONFLICT DO NOTHING
$$;--> statement-breakpoint
-- The tenants behind one of them, in the order of their ids: jobs go from tenant to tenant. Goes from one tenant's entries
-- to the next one's in the index, as a tenant has thousands.
CREATE FUNCTION directory_tenants(behind uuid, most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE tenant(id) AS (
    (SELECT tenant_id FROM public.tenant_directory
      WHERE tenant_id > coalesce($1, '00000000-0000-0000-0000-000000000000') ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT tenant_id FROM public.tenant_directory WHERE tenant_id > tenant.id ORDER BY tenant_id LIMIT 1)
      FROM tenant WHERE tenant.id IS NOT NULL
  )
  SELECT id FROM tenant WHERE id IS NOT NULL LIMIT $2
$$;--> statement-breakpoint
-- Counts an attempt, and says how many there were in this window and how long it lasts.
CREATE FUNCTION attempts_count(whose text, window_seconds integer, OUT attempts integer, OUT ms_left double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO public.rate_limits AS counted (key, points, expire)
  VALUES ($1, 1, (extract(epoch FROM clock_timestamp()) + $2) * 1000)
  ON CONFLICT (key) DO UPDATE
    SET points = CASE WHEN counted.expire <= extract(epoch FROM clock_timestamp()) * 1000 THEN 1 ELSE counted.points + 1 END,
        expire = CASE WHEN counted.expire <= extract(epoch FROM clock_timestamp()) * 1000 THEN excluded.expire ELSE counted.expire END
  RETURNING points, greatest(0, expire - extract(epoch FROM clock_timestamp()) * 1000)
$$;--> statement-breakpoint
CREATE FUNCTION attempts_forgive(whose text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE public.rate_limits SET points = points - 1 WHERE key = $1 AND points > 0
$$;--> statement-breakpoint
CREATE FUNCTION attempts_forget(whose text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM public.rate_limits WHERE key = $1
$$;--> statement-breakpoint
CREATE FUNCTION attempts_delete_expired(most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH over AS (
    SELECT key FROM public.rate_limits WHERE expire < extract(epoch FROM now()) * 1000 LIMIT $1
  ), deleted AS (
    -- Asked twice: counting may have begun anew since it was looked for.
    DELETE FROM public.rate_limits USING over
     WHERE rate_limits.key = over.key AND expire < extract(epoch FROM now()) * 1000
    RETURNING 1
  )
  SELECT count(*)::integer FROM deleted
$$;--> statement-breakpoint
-- How long what has ended is kept stands here and not with the caller, who would else take away who came in when.
CREATE FUNCTION sessions_delete_spent(most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH spent AS (
    SELECT id FROM public.sessions
     WHERE tenant_id = (SELECT guard.tenant())
       AND (expires_at < now() - interval '30 days' OR revoked_at < now() - interval '30 days')
     LIMIT $1
  ), deleted AS (
    DELETE FROM public.sessions USING spent
     WHERE tenant_id = (SELECT guard.tenant()) AND sessions.id = spent.id
    RETURNING 1
  )
  SELECT count(*)::integer FROM deleted
$$;--> statement-breakpoint
-- Answers the codes that are gone. A homeowner's newest one stays.
CREATE FUNCTION onboarding_codes_delete_spent(most integer) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH spent AS (
    SELECT id FROM public.onboarding_codes
     WHERE tenant_id = (SELECT guard.tenant())
       AND (used_at < now() - interval '30 days' OR revoked_at < now() - interval '30 days'
            OR expires_at < now() - interval '30 days')
       AND EXISTS (
         SELECT FROM public.onboarding_codes newer
          WHERE newer.tenant_id = onboarding_codes.tenant_id AND newer.homeowner_id = onboarding_codes.homeowner_id
            AND newer.created_at > onboarding_codes.created_at)
     LIMIT $1
  )
  DELETE FROM public.onboarding_codes USING spent
   WHERE tenant_id = (SELECT guard.tenant()) AND onboarding_codes.id = spent.id
  RETURNING code
$$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION
  directory_find(text), directory_add(text, text), directory_remove(text[]), directory_replace(text[], text[]),
  directory_tenants(uuid, integer), attempts_count(text, integer), attempts_forgive(text), attempts_forget(text),
  attempts_delete_expired(integer), sessions_delete_spent(integer), onboarding_codes_delete_spent(integer)
FROM PUBLIC;
