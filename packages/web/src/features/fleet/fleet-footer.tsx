"use client";

import { FolderGit2, Monitor, Moon, Settings, Sun } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useFleet } from "../../api/fleet-store.ts";
import { cycleTheme, useTheme } from "../../api/theme.ts";
import { cn } from "../../lib/class-names.ts";
import { Button } from "../../ui/button.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

export function FleetFooter() {
  const theme = useTheme((state) => state.theme);
  const offline = useFleet((state) => state.connection === "reconnecting");
  const ThemeIcon = THEME_ICONS[theme];
  return (
    <footer className="border-t">
      {offline && (
        <p role="status" className="flex items-center gap-2 px-3 pt-2 text-xs text-need">
          <span className="size-1.5 animate-breathe rounded-full bg-need" aria-hidden />
          Reconnecting to the API server…
        </p>
      )}
      <div className="flex items-center gap-1 p-1.5">
        <FooterLink href="/repositories" icon={<FolderGit2 size={15} />}>
          Repositories
        </FooterLink>
        <FooterLink href="/settings" icon={<Settings size={15} />}>
          Settings
        </FooterLink>
        <Tooltip text={`Theme: ${theme}`}>
          <Button
            look="quiet"
            size="icon"
            className="ml-auto"
            aria-label={`Theme: ${theme}. Switch.`}
            onClick={cycleTheme}
          >
            <ThemeIcon size={15} />
          </Button>
        </Tooltip>
      </div>
    </footer>
  );
}

function FooterLink({ href, icon, children }: { href: string; icon: ReactNode; children: ReactNode }) {
  const current = usePathname() === href;
  return (
    <Link
      href={href}
      aria-current={current ? "page" : undefined}
      className={cn(
        "flex h-7 items-center gap-1.5 rounded-md px-2 text-xs text-ink-2 transition-colors duration-120 hover:bg-hover hover:text-ink",
        current && "bg-sunk font-medium text-ink",
      )}
    >
      <span className="text-ink-3" aria-hidden>
        {icon}
      </span>
      {children}
    </Link>
  );
}
