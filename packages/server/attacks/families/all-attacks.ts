import type { AttackCase } from "../attack.ts";
import { BROWSER_ATTACKS } from "./browser-attacks.ts";
import { EGRESS_ATTACKS } from "./egress-attacks.ts";
import { FORGERY_ATTACKS } from "./forgery-attacks.ts";
import { GATEWAY_ATTACKS } from "./gateway-attacks.ts";
import { GIT_ATTACKS } from "./git-attacks.ts";
import { HUB_ATTACKS } from "./hub-attacks.ts";
import { KEEPING_ATTACKS } from "./keeping-attacks.ts";
import { LOAD_ATTACKS } from "./load-attacks.ts";
import { NETWORK_ATTACKS } from "./network-attacks.ts";
import { PAGE_ATTACKS } from "./page-attacks.ts";
import { POLICY_ATTACKS } from "./policy-attacks.ts";
import { PREVIEW_ATTACKS } from "./preview-attacks.ts";
import { REPOSITORY_ATTACKS } from "./repository-attacks.ts";
import { SANDBOX_ATTACKS } from "./sandbox-attacks.ts";
import { SECRET_ATTACKS } from "./secret-attacks.ts";
import { SETTING_ATTACKS } from "./setting-attacks.ts";
import { TRAP_ATTACKS } from "./trap-attacks.ts";
import { WORK_ATTACKS } from "./work-attacks.ts";

/** In the order in which they run: those that take a sandbox down come last. */
export const ATTACKS: AttackCase[] = [
  ...BROWSER_ATTACKS,
  ...PAGE_ATTACKS,
  ...PREVIEW_ATTACKS,
  ...EGRESS_ATTACKS,
  ...POLICY_ATTACKS,
  ...SETTING_ATTACKS,
  ...HUB_ATTACKS,
  ...FORGERY_ATTACKS,
  ...LOAD_ATTACKS,
  ...KEEPING_ATTACKS,
  ...TRAP_ATTACKS,
  ...GIT_ATTACKS,
  ...WORK_ATTACKS,
  ...GATEWAY_ATTACKS,
  ...SECRET_ATTACKS,
  ...REPOSITORY_ATTACKS,
  ...NETWORK_ATTACKS,
  ...SANDBOX_ATTACKS,
];
