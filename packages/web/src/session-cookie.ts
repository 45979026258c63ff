import { cookies, headers } from "next/headers";
import { arrivedOverTls } from "./public-url.ts";

/**
 * A cookie that no script reads and no other site sends. Behind TLS its name begins with `__Host-`: a browser takes that from this
 * very host only, so that a sibling, `other.example.com`, cannot put a visitor into an account of its own.
 */
export interface PortalCookie {
  read(): string | undefined;
  /** Where Next lets cookies be set: server actions and route handlers. */
  write(value: string, expires: Date): void;
  clear(): void;
}

export async function portalCookie(bareName: string): Promise<PortalCookie> {
  const jar = await cookies();
  const secure = arrivedOverTls((await headers()).get("x-forwarded-proto"));
  const name = secure ? `__Host-${bareName}` : bareName;
  const write = (value: string, expires: Date) => {
    jar.set({ name, value, httpOnly: true, sameSite: "lax", secure, path: "/", expires });
  };
  // Not `jar.delete`: without Secure a browser does not take the end of a `__Host-` cookie either.
  return { read: () => jar.get(name)?.value, write, clear: () => write("", new Date(0)) };
}
