import { expect, test } from "vitest";
import { returnPath, withReturnPath } from "../src/return-path.ts";

test.each(["/chat", "/documents/1?passage=4#passage-4", "/search?q=bin%20day"])(
  "whoever wanted %j goes on there",
  (path) => expect(returnPath(path)).toBe(path),
);

test.each([
  ...["//evil.example", "/\\evil.example", "/.//evil.example", "/x/..//evil.example", "/\t/evil.example"],
  ...["https://evil.example/", "javascript:alert(1)", "evil.example", "", undefined, ["/chat"], 1],
  ...["/sign-in", "/sign-in?to=/chat", "/sign-in/link/x", "/onboard/x", "/api/rag", "/_next/x"],
  `/${"x".repeat(500)}`,
])("%j leads to the start page", (wanted) => expect(returnPath(wanted)).toBe("/"));

test("the way to sign in says where to go on, but not to the start page", () => {
  expect(withReturnPath("/sign-in", "/search?q=a&page=2")).toBe("/sign-in?to=%2Fsearch%3Fq%3Da%26page%3D2");
  expect(withReturnPath("/sign-in", "/")).toBe("/sign-in");
  expect(withReturnPath("/sign-in", "//evil.example")).toBe("/sign-in");
});
