import type { Check } from "../check.ts";
import { blockers, longTransactions } from "./activity.ts";
import { capacity } from "./capacity.ts";
import { foreignKeyIndex, indexInvalid } from "./indexes.ts";
import { migrations } from "./migrations.ts";
import { clock, dns, roundTrip, tls } from "./network.ts";
import { poolSize } from "./pool-size.ts";
import { pooler } from "./pooler.ts";
import { replicationLag, walReceiver } from "./replication.ts";
import { roleBound, rolePowers } from "./role.ts";
import { sequences } from "./sequences.ts";
import { extensions, readOnly, version, wraparound } from "./server.ts";
import { connect, environment } from "./settings.ts";
import {
  definerPath,
  policyAlwaysTrue,
  policyInitplan,
  policySetting,
  rlsForced,
  rlsNoPolicy,
  rlsOff,
  tenantIndex,
  tenantNullable,
  viewOwner,
} from "./tenancy.ts";
import {
  connectionCheck,
  idleInTransactionTimeout,
  keepalive,
  lockTimeout,
  statementTimeout,
} from "./timeouts.ts";

/** In the order in which they are told: each rests on those before it. */
export const CHECKS: readonly Check[] = [
  environment,
  connect,
  tls,
  dns,
  roundTrip,
  clock,
  version,
  readOnly,
  capacity,
  pooler,
  poolSize,
  roleBound,
  rolePowers,
  rlsOff,
  rlsNoPolicy,
  rlsForced,
  tenantNullable,
  policyAlwaysTrue,
  policySetting,
  policyInitplan,
  viewOwner,
  definerPath,
  tenantIndex,
  foreignKeyIndex,
  indexInvalid,
  statementTimeout,
  idleInTransactionTimeout,
  lockTimeout,
  connectionCheck,
  keepalive,
  replicationLag,
  walReceiver,
  longTransactions,
  blockers,
  sequences,
  wraparound,
  migrations,
  extensions,
];
