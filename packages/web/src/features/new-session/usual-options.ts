"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import type { Budget } from "@background-agents/shared/usage/budget";
import { useQuery } from "@tanstack/react-query";
import { settingsQuery } from "../../api/guard-queries.ts";
import { findSetting } from "../../lib/setting-value.ts";
import { DEFAULT_OPTIONS, type SessionOptions } from "../../ui/session-options.tsx";

/** Options that were chosen for a new session; absent: as its repository's settings say. */
export type ChosenOptions = { [K in keyof SessionOptions]?: SessionOptions[K] | undefined } & {
  budget?: Budget | undefined;
};

/** How a session of the repository is run where nothing is chosen. */
export function useUsualOptions(repository: Repository | null): { options: SessionOptions; budget: Budget } {
  const { data } = useQuery({ ...settingsQuery(repository?.id ?? null), retry: false });
  if (!data) return { options: DEFAULT_OPTIONS, budget: {} };
  const { settings } = data;
  const options = withChosen(DEFAULT_OPTIONS, {
    permissionMode: findSetting(settings, "permissions.mode")?.value,
    publishMode: findSetting(settings, "git.publishMode")?.value,
    agentPush: findSetting(settings, "git.agentPush")?.value,
    networkMode: findSetting(settings, "network.mode")?.value,
  });
  return { options, budget: findSetting(settings, "budget.session")?.value ?? {} };
}

export function withChosen(usual: SessionOptions, chosen: ChosenOptions): SessionOptions {
  return {
    permissionMode: chosen.permissionMode ?? usual.permissionMode,
    publishMode: chosen.publishMode ?? usual.publishMode,
    agentPush: chosen.agentPush ?? usual.agentPush,
    networkMode: chosen.networkMode ?? usual.networkMode,
  };
}

/** Pure: what of the options is not as usual. */
export function differing(options: SessionOptions, usual: SessionOptions): ChosenOptions {
  return {
    permissionMode: options.permissionMode === usual.permissionMode ? undefined : options.permissionMode,
    publishMode: options.publishMode === usual.publishMode ? undefined : options.publishMode,
    agentPush: options.agentPush === usual.agentPush ? undefined : options.agentPush,
    networkMode: options.networkMode === usual.networkMode ? undefined : options.networkMode,
  };
}
