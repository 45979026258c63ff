import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import {
  ADDRESS,
  announced,
  answers,
  ask,
  composer,
  overflow,
  questions,
  said,
  stopButton,
  untilAnswered,
} from "../support/chat-page.ts";

const HOSTILE = [
  "# Look\n\n",
  '<img src=x onerror="window.broken = 1"><script>window.broken = 2</script>\n\n',
  '<a href="https://evil.example" onclick="window.broken = 3">raw</a>\n\n',
  "![pixel](https://evil.example/pixel.png)\n\n",
  "[one](javascript:window.broken=4) [two](java\tscript:window.broken=5) [three](data:text/html,x) ",
  "[four](//evil.example/x) [five](https://user@evil.example/) [your home](/) ",
  "[the council](https://council.example/bins)\n\n",
  `${"unbreakable".repeat(40)}\n\n`,
  "| Bin | Day | What goes in |\n|---|---|---|\n| Green | Tuesday | <script>window.broken = 6</script> |\n",
  `| Black | Friday | ${"everything else and ".repeat(12)} |\n`,
].join("");

test("an answer grows with what the model says, and is read out once, when it is whole", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await page.getByText("written by AI").waitFor();
  await ask(page, "When is glass collected?");
  const asked = await model.next();
  await page.getByTestId("activity").getByText("Writing an answer…").waitFor();
  const observed: (string | null)[] = [];
  for (const piece of ["Glass goes ", "into the ", "**black box**, without lids."]) {
    asked.say(piece);
    await said(page)
      .filter({ hasText: piece.replaceAll("*", "").trim() })
      .waitFor();
    observed.push(await said(page).textContent());
    expect(await announced(page).textContent()).not.toContain("Glass");
    expect(await stopButton(page).count()).toBe(1);
  }
  expect(observed[0]).toBe("Glass goes");
  expect(observed[2]).toBe("Glass goes into the black box, without lids.");
  asked.end();
  await untilAnswered(page);
  await page.getByRole("heading", { name: "Sources" }).waitFor();
  await announced(page)
    .filter({ hasText: /^The assistant answered: Glass goes into the black box, without lids\.$/ })
    .waitFor({ state: "attached" });
  expect(await page.getByText("This answer was not finished").count()).toBe(0);
});

test("stopping keeps what was said and says so, and asking again doubles nothing", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Tell me about garden waste");
  const first = await model.next();
  first.say("The brown bin is a paid service");
  await said(page).getByText("The brown bin is a paid service").waitFor();
  await stopButton(page).click();
  await page.getByText("This answer was not finished.").waitFor();
  expect(await composer(page).evaluate((field) => field === document.activeElement)).toBe(true);
  await first.closed; // the portal hangs up on the model
  await page.waitForURL(ADDRESS);
  await photograph(page, "chat-stopped-desktop");
  await waitFor(
    async () => {
      await page.reload();
      return (await said(page).getByText("The brown bin is a paid service").count()) > 0;
    },
    { timeoutMs: 15_000, what: "the stopped answer to be kept" },
  );
  await page.getByText("This answer was not finished.").waitFor();

  await page.getByRole("button", { name: "Ask again" }).click();
  const second = await model.next();
  second.say("It runs from March to November.");
  second.end();
  await untilAnswered(page);
  for (const state of ["live", "loaded"]) {
    if (state === "loaded") await page.reload();
    await said(page).getByText("It runs from March to November.").waitFor();
    expect({ state, questions: await questions(page).count() }).toEqual({ state, questions: 1 });
    expect({ state, answers: await answers(page).count() }).toEqual({ state, answers: 1 });
    expect(await page.getByText("This answer was not finished.").count()).toBe(0);
  }
});

test("what a model writes runs nothing, fetches nothing, and leads nowhere but where it says", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Write something dangerous");
  const asked = await model.next();
  asked.say(HOSTILE);
  asked.end();
  await untilAnswered(page);
  for (const state of ["live", "loaded"]) {
    if (state === "loaded") await page.reload();
    const answer = answers(page).first();
    await answer.getByText("<script>window.broken = 2</script>").waitFor();
    expect(await answer.locator("img, script, iframe").count()).toBe(0);
    expect(await answer.getByRole("table").getByRole("row").count()).toBe(3);
    expect(await overflow(page)).toBe(0);
    const links = await answer
      .locator("a:not([href^='/documents/'])")
      .evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href")]));
    expect(links).toEqual([
      ["four", expect.stringMatching(/^https?:\/\/evil\.example\/x$/)],
      ["your home", "/"],
      ["the council", "https://council.example/bins"],
    ]);
    expect(await answer.textContent()).toContain("council.example, opens a new tab");
    expect(await answer.getByRole("link", { name: "the council" }).getAttribute("rel")).toContain("noopener");
    expect(await page.evaluate("window.broken")).toBeUndefined();
  }
  expect([...hosts]).toEqual([new URL(modelUrl).host]);
  await photograph(page, "chat-hostile-desktop");
});

test("a model that fails is told, and the question can be sent again", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Where do batteries go?");
  const broken = await model.next();
  broken.say("Batteries go into");
  await said(page).getByText("Batteries go into").waitFor();
  broken.cut();
  const notice = page.getByRole("alert").filter({ hasText: /try again/i });
  await notice.waitFor();
  expect(await notice.textContent()).not.toMatch(/ECONN|fetch|socket|127\.0\.0\.1/i);
  await page.getByText("This answer was not finished.").waitFor();
  await photograph(page, "chat-failed-desktop");
  await page.getByRole("button", { name: "Try again" }).click();
  const mended = await model.next();
  mended.say("Batteries go into a clear bag.");
  mended.end();
  await untilAnswered(page);
  await said(page).getByText("Batteries go into a clear bag.").waitFor();
  expect(await notice.count()).toBe(0);
  expect(await questions(page).count()).toBe(1);
});

test("an answer goes on while the homeowner is elsewhere in the portal", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "How does the intercom work?");
  const asked = await model.next();
  asked.say("Press the bell.");
  await said(page).getByText("Press the bell.").waitFor();
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await page.getByRole("heading", { name: /^Welcome home/ }).waitFor();
  asked.say(" Then wait.");
  await page.goBack();
  await said(page).getByText("Press the bell. Then wait.").waitFor();
  asked.end();
  await untilAnswered(page);
  expect(await questions(page).count()).toBe(1);
  expect(await page.getByText("This answer was not finished.").count()).toBe(0);
});

test("a question that is being answered in one window is waited for in another, and asked once", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "What is the service charge?");
  const asked = await model.next();
  asked.say("It pays for");
  await said(page).getByText("It pays for").waitFor();
  await page.waitForURL(ADDRESS);
  const other = await page.context().newPage();
  await other.goto(page.url());
  const refused = other.waitForResponse((response) => response.status() === 409);
  await other.getByRole("button", { name: "Ask again" }).click();
  expect((await refused).headers()["retry-after"]).toBe("1");
  asked.say(" the lift.");
  asked.end();
  await said(other).getByText("It pays for the lift.").waitFor();
  await untilAnswered(other);
  await said(page).getByText("It pays for the lift.").waitFor();
  for (const window of [page, other]) expect(await questions(window).count()).toBe(1);
  expect(await other.locator("main [role='alert']").count()).toBe(0);
});

test("a long answer is shown from its beginning, and a reader who scrolls is left alone", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Explain the ventilation");
  const asked = await model.next();
  const paragraphs = (from: number) =>
    Array.from({ length: 12 }, (_, at) => `Paragraph ${from + at} of the answer.\n\n`).join("");
  asked.say(paragraphs(1));
  asked.say(paragraphs(13));
  await page.getByText("Paragraph 24 of the answer.").waitFor();
  const view = page.getByRole("region", { name: "Messages" });
  const scrollTop = () => view.evaluate((box) => box.scrollTop);
  await questions(page).first().waitFor({ state: "visible" });
  await page.getByRole("button", { name: "Go to the end" }).waitFor();
  expect(await page.getByText("Paragraph 1 of the answer.").isVisible()).toBe(true);
  const inView = await questions(page).first().boundingBox();
  const box = await view.boundingBox();
  expect((inView?.y ?? 0) - (box?.y ?? 0)).toBeGreaterThanOrEqual(0);

  await view.hover();
  await page.mouse.wheel(0, 200);
  await waitFor(async () => (await scrollTop()) >= 150, { what: "the reader to have scrolled" });
  const read = await scrollTop();
  asked.say(paragraphs(25));
  await page.getByText("Paragraph 36 of the answer.").waitFor();
  expect(Math.abs((await scrollTop()) - read)).toBeLessThan(2);
  await page.getByRole("button", { name: "Go to the end" }).click();
  await waitFor(() => view.evaluate((b) => b.scrollHeight - b.clientHeight - b.scrollTop < 2), {
    what: "the end to be seen",
  });
  asked.end();
  await untilAnswered(page);
});
