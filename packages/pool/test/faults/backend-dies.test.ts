import { backendDies, MOMENTS } from "@openhouse/tooling/faults/backend-dies";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

/** What the holder hears. The server's own words arrive where it had the time to say them. */
const LOST = /57P01|terminat|not queryable|ECONNRESET|closed/;
/** Who asks nothing meanwhile learns nothing. */
const UNAWARE = /^idle$|without another statement/;

describe.each(["terminated", "reset"] as const)(
  "the process never exits when a connection is %s while it is",
  (death) => {
    test.each(MOMENTS)("%s", async (moment) => {
      expect(await backendDies(database.ours(), moment, death)).toEqual({
        exitCode: 0,
        stderr: "",
        learned: expect.stringMatching(UNAWARE.test(moment) ? /^nothing$/ : LOST),
        afterwards: "served",
        totalCount: 1,
        idleCount: 1,
        waitingCount: 0,
      });
    });
  },
);
