import Link from "next/link";
import type { ReactNode } from "react";
import { NavLink } from "./nav-link.tsx";
import { SubmitButton } from "./submit-button.tsx";
import { Wordmark } from "./wordmark.tsx";

export interface NavItem {
  href: string;
  label: string;
  /** A path whose pages belong to this item although they do not lie below `href`. */
  below?: string;
}

interface ShellProps {
  /** Under the product's name: the company whose portal this is. */
  tenantName: string;
  /** Who is signed in, and as what. */
  person: { name: string; role: string };
  nav: readonly NavItem[];
  /** Server action that ends the session. */
  signOut: () => Promise<void>;
  children: ReactNode;
}

/**
 * The frame of every page behind the sign-in: skip link, name, navigation, who is signed in, the content. Both portals have
 * `/devices`.
 *
 * Content with an element `data-fills-screen` gets exactly the height that the screen has left, and scrolls inside; on
 * a screen too low for that, such as one at 400 % zoom, the page scrolls as usual.
 */
export function Shell({ tenantName, person, nav, signOut, children }: ShellProps) {
  return (
    <div className="group/shell flex min-h-dvh flex-col has-data-fills-screen:h-dvh has-data-fills-screen:min-h-112 print:h-auto!">
      <a
        href="#content"
        className="absolute top-2 left-2 z-10 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-sm font-semibold text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <header className="border-b border-line bg-surface print:hidden">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 sm:px-6">
          <Link href="/" className="mr-auto rounded-lg py-1 sm:mr-0">
            <Wordmark detail={tenantName} />
          </Link>
          <nav
            aria-label="Main"
            className="order-last -mx-3 w-full sm:order-none sm:mx-0 sm:mr-auto sm:w-auto"
          >
            <ul className="flex flex-wrap gap-1">
              {nav.map((item) => (
                <li key={item.href}>
                  <NavLink href={item.href} below={item.below}>
                    {item.label}
                  </NavLink>
                </li>
              ))}
            </ul>
          </nav>
          <div className="flex items-center gap-2">
            <Link
              href="/devices"
              className="hidden rounded-lg px-3 py-1 text-right text-sm leading-tight hover:bg-sunken lg:block"
            >
              <span className="block font-medium">{person.name}</span>
              <span className="block text-xs text-muted">{person.role}, your devices</span>
            </Link>
            <form action={signOut} data-signs-out>
              <SubmitButton look="quiet" pendingLabel="Signing out…" className="-mr-3 px-3">
                Sign out
              </SubmitButton>
            </form>
          </div>
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto w-full max-w-6xl flex-1 px-4 py-8 sm:px-6 sm:py-10 has-data-fills-screen:min-h-0 has-data-fills-screen:py-0 print:p-0"
      >
        {children}
      </main>
      <footer className="border-t border-line group-has-data-fills-screen/shell:hidden lg:hidden print:hidden">
        <p className="mx-auto max-w-6xl px-4 py-5 text-xs text-muted sm:px-6">
          Signed in as {person.name}, {person.role.toLowerCase()}, at {tenantName}.{" "}
          <Link href="/devices" className="font-medium text-accent underline">
            Your devices
          </Link>
        </p>
      </footer>
    </div>
  );
}
