import type { StaffSession } from "../../src/session.ts";
import { AMELIA, HARBOUR } from "./tenant-database.ts";

/** As the portal has it of somebody who is signed in. */
export const AMELIA_SESSION: StaffSession = {
  kind: "staff",
  sessionId: AMELIA,
  tenantId: HARBOUR,
  tenantName: "Harbour & Vale Homes",
  expiresAt: new Date(),
  staff: {
    id: AMELIA,
    name: "Amelia Hart",
    email: "amelia@harbourvale.example",
    role: "developer",
    isOperator: true,
  },
};
