import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { type NavItem, Shell } from "@openhouse/web/ui/shell";
import type { ReactNode } from "react";
import { signOut } from "./actions.ts";
import { LiveChatsProvider } from "./chat/live-chats-provider.tsx";

const NAV: readonly NavItem[] = [
  { href: "/", label: "Home", below: "/documents/" },
  { href: "/chat", label: "Chat" },
  { href: "/search", label: "Search" },
];

export default guardPage("(portal)", async function PortalLayout({ children }: { children: ReactNode }) {
  const { tenantName, homeowner } = await requireRole(["homeowner"]);
  return (
    <Shell
      tenantName={tenantName}
      person={{ name: homeowner.name, role: "Homeowner" }}
      nav={NAV}
      signOut={signOut}
    >
      <LiveChatsProvider>{children}</LiveChatsProvider>
    </Shell>
  );
});
