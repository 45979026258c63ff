"use client";

import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { classNames } from "./class-names.tsx";

function Pending() {
  const { pending } = useLinkStatus();
  // Shown late, so that a page which comes at once does not flicker.
  return (
    <span
      aria-hidden="true"
      className={classNames(
        "absolute inset-x-3 bottom-0.5 h-0.5 rounded-full bg-accent transition-opacity delay-150",
        pending ? "animate-pulse opacity-100" : "opacity-0",
      )}
    />
  );
}

/** A link of the main navigation; it knows whether its page, or one below it, is the current one. */
export function NavLink({
  href,
  below,
  children,
}: {
  href: string;
  below?: string | undefined;
  children: ReactNode;
}) {
  const pathname = usePathname();
  const exact = pathname === href;
  const inside =
    (href !== "/" && pathname.startsWith(`${href}/`)) || (below !== undefined && pathname.startsWith(below));
  return (
    <Link
      href={href}
      aria-current={exact ? "page" : inside ? "true" : undefined}
      className={classNames(
        "relative inline-flex min-h-11 items-center rounded-lg px-3 text-sm font-medium sm:min-h-10",
        exact || inside ? "bg-accent-soft text-accent-strong" : "text-muted hover:bg-sunken hover:text-ink",
      )}
    >
      {children}
      <Pending />
    </Link>
  );
}
