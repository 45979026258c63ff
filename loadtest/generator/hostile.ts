import http from "node:http";

// A process of its own, so that what it costs is not taken for the readers' waiting. Arguments: port, senders, addresses,
// milliseconds. Each sender has a connection that it keeps, and asks again as soon as it is answered.
const [port = 0, senders = 0, addresses = 0, durationMs = 0] = process.argv.slice(2).map(Number);
const untilMs = performance.now() + durationMs;
const agent = new http.Agent({ keepAlive: true, maxSockets: senders });
const answers: Record<string, number> = {};

await Promise.all(Array.from({ length: senders }, (_, at) => send(at)));
agent.destroy();
console.log(JSON.stringify(answers));

async function send(at: number): Promise<void> {
  const address = `198.18.${Math.floor((at % addresses) / 250)}.${(at % addresses) % 250}`;
  for (let count = 0; performance.now() < untilMs; count++) {
    const status = await guess(address, count % 2 === 0).catch(() => "cut");
    answers[status] = (answers[status] ?? 0) + 1;
    if (status === "cut") await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Redeems a code that nobody was given, or looks at its page. */
function guess(address: string, redeems: boolean): Promise<number> {
  const code = "A".repeat(20);
  const body = redeems ? JSON.stringify({ code }) : "";
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        agent,
        port,
        host: "127.0.0.1",
        method: redeems ? "POST" : "GET",
        path: redeems ? "/api/onboarding" : `/onboard/${code}`,
        headers: {
          host: `localhost:${port}`,
          origin: `http://localhost:${port}`,
          "x-forwarded-for": address,
          ...(redeems && { "content-type": "application/json", "content-length": String(body.length) }),
        },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0)).on("error", reject);
      },
    );
    request.on("error", reject).end(body);
  });
}
