import { expect, test, vi } from "vitest";
import {
  choice,
  decimal,
  email,
  line,
  optionalDay,
  readFormFields,
  refuseFields,
  wholeNumber,
} from "../src/form-fields.ts";
import { unlimitedLog } from "./support/unlimited-log.ts";

unlimitedLog();

const SHAPE = {
  name: line("Give a name.", 10),
  email: email("Give an address."),
  rooms: wholeNumber(0, 50, "rooms?"),
  area: decimal(1, 100, "area?"),
  day: optionalDay("day?"),
  stage: choice(["planning", "building"], "stage?"),
};
const GOOD = {
  name: "  Nora ",
  email: "Nora@Example.com",
  rooms: "3",
  area: "84,5",
  day: "2028-02-29",
  stage: "building",
};

function formOf(fields: Record<string, string | File>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

test("fields are read as what they mean", () => {
  expect(readFormFields(SHAPE, formOf({ ...GOOD, more: "left out" })).fields).toEqual({
    name: "Nora",
    email: "nora@example.com",
    rooms: 3,
    area: 84.5,
    day: "2028-02-29",
    stage: "building",
  });
  expect(readFormFields(SHAPE, formOf({ ...GOOD, day: "" })).fields).toMatchObject({ day: null });
});

test("every field that is wrong has one sentence, whatever was sent", () => {
  expect(readFormFields(SHAPE, new FormData()).faults).toEqual({
    name: "Give a name.",
    email: "Give an address.",
    rooms: "rooms?",
    area: "area?",
    day: "day?",
    stage: "stage?",
  });
  const file = new File(["x"], "x.txt");
  expect(
    Object.keys(readFormFields(SHAPE, formOf({ ...GOOD, name: file, rooms: file })).faults ?? {}),
  ).toEqual(["name", "rooms"]);
});

test.for([
  ["name", "Nora\u202E", "This holds U+202E, which cannot be seen. Please type it without."],
  ["name", "No\0ra", "This holds U+0000, which cannot be seen. Please type it without."],
  ["name", "\u200B", "This holds U+200B, which cannot be seen. Please type it without."],
  ["name", "a name that is long", "This is longer than 10 characters."],
  ["email", "nora@example", "This is no e-mail address, such as “name@example.com”."],
  ["email", "a@b.example, c@d.example", "This is no e-mail address, such as “name@example.com”."],
  ["rooms", "51", "rooms?"],
  ["rooms", "-1", "rooms?"],
  ["area", "0.9", "area?"],
  ["area", "1e1", "area?"],
  ["day", "2026-02-30", "day?"],
  ["day", "0026-02-03", "day?"],
  ["stage", "sold", "stage?"],
] as const)("%s is not %j", ([field, value, fault]) => {
  expect(readFormFields(SHAPE, formOf({ ...GOOD, [field]: value })).faults).toEqual({ [field]: fault });
});

test("a form that is refused keeps what was typed, and the log has its fields and no value", () => {
  const logged: unknown[] = [];
  const spy = vi.spyOn(console, "info").mockImplementation((text) => void logged.push(JSON.parse(text)));
  const form = formOf({ ...GOOD, name: "secret", $ACTION_ID: "x" });
  expect(refuseFields("/form-fields-test", { name: "no" }, form)).toEqual({
    ok: false,
    faults: { name: "no" },
    typed: { ...GOOD, name: "secret" },
  });
  spy.mockRestore();
  expect(logged).toEqual([
    expect.objectContaining({ event: "web.form_refused", route: "/form-fields-test", reasons: ["name"] }),
  ]);
  expect(JSON.stringify(logged)).not.toContain("secret");
});
