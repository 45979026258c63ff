import type { CatalogFaultKind } from "@openhouse/pool/tenants";
import type { Check } from "../check.ts";
import type { Examination } from "../examination.ts";
import { CannotLook, type Found, note, warn, wrong } from "../finding.ts";
import { isOwn } from "./own.ts";
import { callsPerRow } from "./policy-calls.ts";

/** A table or view, and what the portals' role can do with it. */
interface Relation extends Record<string, unknown> {
  object: string;
  quoted: string;
  secured: boolean;
  forced: boolean;
  has_tenant: boolean;
  tenant_nullable: boolean;
  reachable: boolean;
}

const RELATIONS = `
  select format('%s.%s', nspname, relname) as object, format('%I.%I', nspname, relname) as quoted,
         relrowsecurity as secured, relforcerowsecurity as forced,
         attname is not null and c.relkind in ('r', 'p', 'f') as has_tenant, coalesce(not attnotnull, false) and c.relkind in ('r', 'p') as tenant_nullable,
         has_schema_privilege($2, n.oid, 'usage') and (has_any_column_privilege($2, c.oid, 'select, insert, update')
           or has_table_privilege($2, c.oid, 'delete, truncate')) as reachable
    from pg_class c join pg_namespace n on n.oid = relnamespace
    left join pg_attribute on attrelid = c.oid and attname = $1 and not attisdropped
   where relkind in ('r', 'p', 'f', 'v', 'm') and ${isOwn("c")}
   order by 1`;

async function relationsOf(examination: Examination): Promise<Map<string, Relation>> {
  const { tenantColumn, settings } = examination;
  const rows = await examination.ask<Relation>(RELATIONS, [tenantColumn, settings.options.user]);
  if (!rows.some(({ has_tenant }) => has_tenant))
    throw new CannotLook(
      `no table has a column ${tenantColumn}`,
      'doctor.json: "tenantColumn": "…", where rows belong to tenants',
    );
  return new Map(rows.map((row) => [row.object, row]));
}

/** Faults of the catalog's walk of one kind, each with what is known of its relation. */
async function faultsOf(examination: Examination, kind: CatalogFaultKind) {
  const relations = await relationsOf(examination);
  const faults = (await examination.catalogFaults()).filter((fault) => fault.kind === kind);
  return faults.map((fault) => ({ ...fault, relation: relations.get(fault.object) }));
}

export const rlsOff: Check = {
  id: "rls_off",
  title: "tables without row-level security",
  why: "every tenant sees every other's rows",
  async look(examination) {
    return (await faultsOf(examination, "no_policy")).flatMap(({ object, message, relation }): Found[] => {
      if (relation === undefined || relation.secured) return [];
      const change = `alter table ${relation.quoted} enable row level security, force row level security; create policy …`;
      const { role } = examination;
      if (relation.has_tenant)
        return relation.reachable
          ? [wrong(`${object}: ${message}`, change, object)]
          : [warn(`${object}: ${message}; ${role} has no grant on it today`, change, object)];
      // What nobody belongs to is another's to decide, where the role has it.
      if (!relation.reachable) return [];
      return [
        warn(`${object} has no ${examination.tenantColumn}, and ${role} may use all of it`, change, object),
      ];
    });
  },
};

export const rlsNoPolicy: Check = {
  id: "rls_no_policy",
  title: "row-level security without a policy",
  why: "the role sees no row at all, and whoever owns the table sees every one",
  async look(examination) {
    return (await faultsOf(examination, "no_policy")).flatMap(({ object, message, relation }) =>
      relation?.secured && relation.reachable
        ? [warn(`${object}: ${message}`, `create policy … on ${relation.quoted} …`, object)]
        : [],
    );
  },
};

export const rlsForced: Check = {
  id: "rls_forced",
  title: "row-level security that does not bind the owner",
  why: "whatever runs as the owner, a definer function or a script, sees every tenant's rows",
  async look(examination) {
    const relations = await relationsOf(examination);
    return [...relations.values()]
      .filter(({ has_tenant, secured, forced }) => has_tenant && secured && !forced)
      .map(({ object, quoted }) =>
        warn(`${object} is not forced`, `alter table ${quoted} force row level security`, object),
      );
  },
};

export const tenantNullable: Check = {
  id: "tenant_nullable",
  title: "rows that may belong to nobody",
  why: "a row without a tenant is nobody's to see, and switches a foreign key off that has the tenant in it",
  async look(examination) {
    const { tenantColumn } = examination;
    const relations = await relationsOf(examination);
    return [...relations.values()]
      .filter(({ tenant_nullable }) => tenant_nullable)
      .map(({ object, quoted }) =>
        warn(
          `${tenantColumn} of ${object} may be null`,
          `alter table ${quoted} alter ${tenantColumn} set not null`,
          object,
        ),
      );
  },
};

interface Policy extends Record<string, unknown> {
  object: string;
  quoted: string;
  name: string;
  permissive: boolean;
  has_tenant: boolean;
  using: string | null;
  check: string | null;
}

const POLICIES = `
  select format('%s.%s', nspname, relname) as object, format('%I on %I.%I', polname, nspname, relname) as quoted,
         polname::text as name, polpermissive as permissive, attname is not null as has_tenant,
         pg_get_expr(polqual, polrelid) as using, pg_get_expr(polwithcheck, polrelid) as check
    from pg_policy join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = relnamespace
    left join pg_attribute on attrelid = c.oid and attname = $1 and not attisdropped
   where ${isOwn("c")} order by 1, 3`;

const policiesOf = (examination: Examination) =>
  examination.ask<Policy>(POLICIES, [examination.tenantColumn]);

export const policyAlwaysTrue: Check = {
  id: "policy_always_true",
  title: "policies that let everybody",
  why: "one permissive policy that is true is enough: the others of its table count for nothing",
  async look(examination) {
    return (await policiesOf(examination)).flatMap(
      ({ object, quoted, name, permissive, has_tenant, ...clauses }) => {
        const always = (["using", "check"] as const).filter((clause) => clauses[clause] === "true");
        if (!permissive || always.length === 0) return [];
        const what = `${name} of ${object} has ${always.map((clause) => (clause === "check" ? "with check (true)" : "using (true)")).join(" and ")}`;
        const change = `alter policy ${quoted} using (${examination.tenantColumn} = …)`;
        return [(has_tenant ? wrong : note)(what, has_tenant ? change : "nothing, if everybody may", object)];
      },
    );
  },
};

export const policySetting: Check = {
  id: "policy_setting",
  title: "policies that fail without their setting",
  why: "whoever has no tenant yet, a health probe or a sign-in, gets 42704 in place of no rows",
  async look(examination) {
    return (await faultsOf(examination, "setting_required")).map(({ object, message }) =>
      warn(`${object}: ${message}`, "alter policy … using (… current_setting('…', true) …)", object),
    );
  },
};

export const policyInitplan: Check = {
  id: "policy_initplan",
  title: "policies that call a function for each row",
  why: "a query of many rows pays for it as often; in a scalar subselect it is called once a statement",
  async look(examination) {
    return (await policiesOf(examination)).flatMap(({ object, quoted, name, using, check }) => {
      const calls = new Set([using, check].flatMap((clause) => callsPerRow(clause ?? "")));
      return [...calls].map((call) =>
        warn(
          `${name} of ${object} calls ${call}`,
          `alter policy ${quoted} using (… (select ${call}) …)`,
          object,
        ),
      );
    });
  },
};

export const viewOwner: Check = {
  id: "view_owner",
  title: "views that show what their owner sees",
  why: "the policies of the tables beneath are asked of the owner, and not of who reads",
  async look(examination) {
    return (await faultsOf(examination, "view_of_its_owner"))
      .filter(({ relation }) => relation?.reachable)
      .map(({ object, message, relation }) =>
        warn(`${object}: ${message}`, `alter view ${relation?.quoted} set (security_invoker = true)`, object),
      );
  },
};

export const definerPath: Check = {
  id: "definer_path",
  title: "functions that run as their owner, with their caller's search_path",
  why: "a caller who may make a table or a function of the same name gets his own run as the owner",
  async look(examination) {
    const faults = (await examination.catalogFaults()).filter(({ kind }) => kind === "definer_search_path");
    return faults.map(({ object, message }) =>
      warn(`${object}: ${message}`, `alter function ${object} set search_path = pg_catalog, pg_temp`, object),
    );
  },
};

export const tenantIndex: Check = {
  id: "tenant_index",
  title: "tables without an index that begins with the tenant",
  why: "every query of one tenant reads the rows of all",
  async look(examination) {
    return (await faultsOf(examination, "no_tenant_index")).map(({ object, message, relation }) =>
      warn(
        `${object}: ${message}`,
        `create index concurrently on ${relation?.quoted} (${examination.tenantColumn}, …)`,
        object,
      ),
    );
  },
};
