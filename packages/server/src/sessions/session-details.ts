import type { Session } from "@background-agents/shared/sessions/session";

/** The part of a session that its row keeps as one JSON value. */
export type Details = Pick<Session, (typeof DETAILS)[number]>;

export const DETAILS = [
  "publishMode",
  "publishObstacle",
  "agentPush",
  "permissionMode",
  "networkMode",
  "blockedHosts",
  "allowedHosts",
  "budget",
  "budgetReached",
  "workMs",
  "secretNames",
  "setup",
  "forkedFrom",
  "lookedCheckpointId",
  "openComments",
  "overlaps",
  "push",
  "pullRequest",
  "checkout",
  "copiedFiles",
] as const;

/** What a session has before anything is set; rows of older servers have no more. */
export const INITIAL_DETAILS: Details = {
  publishMode: "auto",
  publishObstacle: null,
  agentPush: "ask",
  permissionMode: "auto",
  networkMode: "allowlist",
  blockedHosts: [],
  allowedHosts: [],
  budget: null,
  budgetReached: null,
  workMs: 0,
  secretNames: [],
  setup: null,
  forkedFrom: null,
  lookedCheckpointId: null,
  openComments: 0,
  overlaps: [],
  push: null,
  pullRequest: null,
  checkout: null,
  copiedFiles: [],
};
