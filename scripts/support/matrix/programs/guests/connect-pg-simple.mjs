import { promisify } from "node:util";
import connect from "connect-pg-simple";
import session from "express-session";

export async function work({ pool, step }) {
  const store = new (connect(session))({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  const [set, get, destroy] = ["set", "get", "destroy"].map((name) => promisify(store[name].bind(store)));
  await step("set, get, destroy", async () => {
    const value = { cookie: { maxAge: 60_000 }, user: "ada" };
    await Promise.all(["a", "b", "c"].map((id) => set(id, value)));
    const found = await get("a");
    await destroy("a");
    return [found, await get("a"), await get("b")];
  });
  await step("close", () => store.close());
}
