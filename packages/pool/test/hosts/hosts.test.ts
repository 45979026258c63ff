import { describe, expect, test } from "vitest";
import { TARGET_SESSION_ATTRS, type TargetSessionAttrs } from "../../src/config/session-target.ts";
import { WrongRoleError } from "../../src/errors/errors.ts";
import type { HostRank } from "../../src/hosts/host.ts";
import { Hosts, hostsOf, optionsAt, type SeenHost } from "../../src/hosts/hosts.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED"), {
  code: "ECONNREFUSED",
  syscall: "connect",
});
const full = Object.assign(new Error("sorry"), { code: "53300", severity: "FATAL", routine: "ProcArrayAdd" });

function hostsFor(target: TargetSessionAttrs, count = 3, balance?: "random"): Hosts {
  const options = Array.from({ length: count }, (_, index) => ({ host: "abcdef"[index] ?? "", port: 5432 }));
  return new Hosts(options, target, balance);
}

/** A host by its name. */
function at(hosts: Hosts, name: string) {
  const host = hosts.all.find((each) => each.options.host === name);
  if (host === undefined) throw new Error(`there is no host ${name}`);
  return host;
}

const nameOf = (hosts: Hosts) => hosts.pick().options.host;

const PRIMARY: SeenHost = { role: "primary" };
const READ_ONLY: SeenHost = { role: "primary", isReadOnlyByDefault: true };
const STANDBY: SeenHost = { role: "standby" };
const UNKNOWN: SeenHost = { role: "unknown" };

describe("the rank of a host by its role is libpq's meaning of target_session_attrs", () => {
  const ranks: Record<TargetSessionAttrs, readonly [HostRank, HostRank, HostRank, HostRank]> = {
    any: ["right", "right", "right", "right"],
    "read-write": ["right", "wrong", "wrong", "unknown"],
    "read-only": ["wrong", "right", "right", "unknown"],
    primary: ["right", "right", "wrong", "unknown"],
    standby: ["wrong", "wrong", "right", "unknown"],
    "prefer-standby": ["wrong", "wrong", "right", "unknown"],
  };
  test.each(TARGET_SESSION_ATTRS.map((target) => [target]))("%s", (target) => {
    const found = [PRIMARY, READ_ONLY, STANDBY, UNKNOWN].map((seen) => {
      const hosts = hostsFor(target);
      hosts.note(at(hosts, "a"), seen);
      return hosts.rankOf(at(hosts, "a"));
    });
    expect(found).toEqual(ranks[target]);
  });
});

describe("the next attempt goes to", () => {
  test.each<[string, (hosts: Hosts) => void, string]>([
    ["the first, while nothing is known", () => {}, "a"],
    ["the right one, wherever it stands", (hosts) => hosts.note(at(hosts, "c"), PRIMARY), "c"],
    ["one that is not known before a wrong one", (hosts) => hosts.note(at(hosts, "a"), STANDBY), "b"],
    [
      "one that is not known before one that failed",
      (hosts) => hosts.noteFailure(at(hosts, "a"), refused),
      "b",
    ],
    [
      "a wrong one before one that failed",
      (hosts) => {
        hosts.noteFailure(at(hosts, "a"), refused);
        hosts.noteFailure(at(hosts, "b"), refused);
        hosts.note(at(hosts, "c"), STANDBY);
      },
      "c",
    ],
    [
      "one that has said that it is full, which is there",
      (hosts) => {
        hosts.note(at(hosts, "a"), PRIMARY);
        hosts.noteFailure(at(hosts, "a"), full);
      },
      "a",
    ],
    [
      "one that failed and was seen again",
      (hosts) => {
        hosts.noteFailure(at(hosts, "a"), refused);
        hosts.note(at(hosts, "a"), PRIMARY);
      },
      "a",
    ],
  ])("%s", (_what, happen, expected) => {
    const hosts = hostsFor("primary");
    happen(hosts);
    expect(nameOf(hosts)).toBe(expected);
  });

  test("each of those that have failed in turn, so that none is excluded for ever", () => {
    const hosts = hostsFor("primary");
    const tried = Array.from({ length: 6 }, () => {
      const host = hosts.pick();
      hosts.begin(host)(refused);
      return host.options.host;
    });
    expect(tried).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  test("another one than that whose attempt hangs", () => {
    const hosts = hostsFor("primary");
    const end = hosts.begin(at(hosts, "a"));
    expect(hosts.pick(1_000).options.host).toBe("a");
    expect(hosts.pick(0).options.host).toBe("b");
    end();
    expect(hosts.pick(0).options.host).toBe("a");
  });

  test("any of those that are as good, with load_balance_hosts=random", () => {
    const hosts = hostsFor("standby", 3, "random");
    hosts.note(at(hosts, "a"), PRIMARY);
    hosts.note(at(hosts, "b"), STANDBY);
    hosts.note(at(hosts, "c"), STANDBY);
    const picked = new Set(Array.from({ length: 200 }, () => nameOf(hosts)));
    expect([...picked].sort()).toEqual(["b", "c"]);
  });
});

describe("a server that lets us in", () => {
  test("is refused where it is not the one wanted, and the refusal names it and the target", () => {
    const hosts = hostsFor("primary");
    expect(() => hosts.admit(at(hosts, "a"), STANDBY)).toThrow(
      new WrongRoleError("a:5432 is a standby, and target_session_attrs=primary wants another"),
    );
    expect(() => hosts.admit(at(hosts, "b"), PRIMARY)).not.toThrow();
  });

  test("is refused with what the others were seen to be", () => {
    const hosts = hostsFor("read-write", 4);
    hosts.note(at(hosts, "b"), READ_ONLY);
    hosts.noteFailure(at(hosts, "c"), refused);
    expect(() => hosts.admit(at(hosts, "a"), STANDBY)).toThrow(
      new WrongRoleError(
        "a:5432 is a standby, b:5432 is a primary whose transactions are read-only, " +
          "c:5432 cannot be reached (connection_refused), and target_session_attrs=read-write wants another",
      ),
    );
  });

  test("is taken by prefer-standby where no other may be a standby", () => {
    const hosts = hostsFor("prefer-standby", 2);
    expect(() => hosts.admit(at(hosts, "a"), PRIMARY)).toThrow(WrongRoleError);
    hosts.noteFailure(at(hosts, "b"), refused);
    expect(() => hosts.admit(at(hosts, "a"), PRIMARY)).not.toThrow();
    expect(hosts.serves(at(hosts, "a"))).toBe(true);
  });
});

describe("of two primaries", () => {
  const timeline = (number: number): SeenHost => ({ role: "primary", timeline: `0000000${number}` });

  function divided(target: TargetSessionAttrs = "primary") {
    const hosts = hostsFor(target, 2);
    const stale: string[] = [];
    hosts.listen({ onStale: (host, newest) => stale.push(`${host.name} before ${newest}`) });
    hosts.note(at(hosts, "a"), timeline(1));
    hosts.note(at(hosts, "b"), STANDBY);
    hosts.note(at(hosts, "b"), timeline(2));
    return { hosts, stale };
  }

  test("the one with the older timeline serves nobody, and is told once", () => {
    const { hosts, stale } = divided();
    hosts.note(at(hosts, "a"), timeline(1));
    expect(nameOf(hosts)).toBe("b");
    expect(hosts.serves(at(hosts, "a"))).toBe(false);
    expect(() => hosts.admit(at(hosts, "a"), PRIMARY)).toThrow(
      /timeline 00000001, and another host 00000002/,
    );
    expect(stale).toEqual(["a:5432 before 00000002"]);
    expect(hosts.list()).toMatchObject([{ rank: "wrong", isStale: true }, { rank: "right" }]);
  });

  test("the older one stays refused while the newer is away, until it is its standby or has a newer timeline", () => {
    const { hosts } = divided();
    hosts.noteFailure(at(hosts, "b"), refused);
    hosts.noteFailure(at(hosts, "a"), refused);
    expect(() => hosts.admit(at(hosts, "a"), PRIMARY)).toThrow(WrongRoleError);
    hosts.note(at(hosts, "a"), STANDBY);
    hosts.note(at(hosts, "a"), PRIMARY);
    expect(hosts.isStale(at(hosts, "a"))).toBe(false);
    hosts.note(at(hosts, "a"), timeline(3));
    expect(hosts.isStale(at(hosts, "b"))).toBe(true);
  });

  test("each serves whose database cluster is another, which has begun to count anew, as after pg_upgrade", () => {
    const hosts = hostsFor("primary", 2);
    const stale: string[] = [];
    hosts.listen({ onStale: ({ name }) => stale.push(name) });
    const old = { system: "7000000000000000001" };
    const upgraded = { system: "7000000000000000002" };
    hosts.note(at(hosts, "a"), { ...timeline(3), ...old });
    hosts.note(at(hosts, "b"), { ...timeline(2), ...old });
    expect([hosts.isStale(at(hosts, "b")), stale]).toEqual([true, ["b:5432"]]);

    for (const name of ["a", "b"]) hosts.noteFailure(at(hosts, name), refused);
    // As it signs somebody in it does not say yet which cluster it is.
    expect(() => hosts.admit(at(hosts, "b"), PRIMARY)).toThrow(WrongRoleError);
    hosts.note(at(hosts, "b"), { ...timeline(1), ...upgraded });
    expect(() => hosts.admit(at(hosts, "b"), PRIMARY)).not.toThrow();
    expect(nameOf(hosts)).toBe("b");

    hosts.note(at(hosts, "a"), { role: "primary", ...upgraded });
    expect(at(hosts, "a").timeline).toBeUndefined();
    hosts.note(at(hosts, "b"), { ...timeline(2), ...upgraded });
    hosts.note(at(hosts, "a"), timeline(1));
    expect([hosts.isStale(at(hosts, "a")), stale]).toEqual([true, ["b:5432", "a:5432"]]);
  });

  test("both serve who wants any", () => {
    const { hosts, stale } = divided("any");
    expect([hosts.serves(at(hosts, "a")), stale]).toEqual([true, []]);
  });
});

test("what is heard of a host is told once until it changes", () => {
  const hosts = hostsFor("primary", 2);
  const told: string[] = [];
  hosts.listen({
    onFailed: ({ name }, error) =>
      told.push(`${name} ${error instanceof WrongRoleError ? "wrong" : "failed"}`),
    onRoleChanged: ({ name, role }, from) => told.push(`${name} ${from} -> ${role}`),
  });
  const wrong = new WrongRoleError("a standby");
  for (let i = 0; i < 2; i++) hosts.noteFailure(at(hosts, "a"), refused);
  hosts.note(at(hosts, "b"), STANDBY);
  for (let i = 0; i < 2; i++) hosts.noteFailure(at(hosts, "b"), wrong);
  hosts.note(at(hosts, "b"), PRIMARY);
  hosts.noteFailure(at(hosts, "b"), refused);
  expect(told).toEqual(["a:5432 failed", "b:5432 wrong", "b:5432 standby -> primary", "b:5432 failed"]);
});

test("options that were copied share what is known of their hosts, and keep a password that cannot be enumerated", () => {
  const options = {
    hosts: [
      { host: "a", port: 1, ssl: false },
      { host: "::1", port: 2, ssl: {} },
    ],
    user: "u",
  };
  const hosts = hostsOf(options);
  expect(hostsOf({ ...options })).toBe(hosts);
  expect(hostsOf({})).toBeUndefined();
  Object.defineProperty(options, "password", { value: "s3cret", enumerable: false });
  const second = hosts?.all[1];
  expect(second?.name).toBe("[::1]:2");
  const copy = second && optionsAt(options, second);
  expect(copy).toMatchObject({ host: "::1", port: 2, ssl: {}, user: "u", password: "s3cret" });
  expect(Object.keys(copy ?? {})).not.toContain("password");
});

test("a host's role changes are counted though nobody knew it meanwhile, and since when it is as it is", async () => {
  const hosts = hostsFor("primary", 2);
  const [a, b] = [at(hosts, "a"), at(hosts, "b")];
  hosts.note(a, PRIMARY);
  hosts.note(b, STANDBY);
  const before = performance.now();
  hosts.noteFailure(a, refused);
  hosts.noteFailure(a, refused);
  expect(a.sinceMs).toBeGreaterThanOrEqual(before);
  hosts.note(b, PRIMARY);
  hosts.note(a, STANDBY);
  const { sinceMs } = a;
  hosts.note(a, STANDBY);
  expect(a.sinceMs).toBe(sinceMs);
  expect(hosts.list().map(({ role, roleChanges }) => [role, roleChanges])).toEqual([
    ["standby", 1],
    ["primary", 1],
  ]);
  expect(hosts.list()[0]?.unchangedMs).toBeGreaterThanOrEqual(0);
});
