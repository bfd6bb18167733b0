import { z } from "zod";
import { HostRule, NetworkMode } from "../egress/network.ts";
import { AgentPush } from "../sessions/approval.ts";
import { PermissionRule } from "../sessions/permission-rule.ts";
import { PermissionMode, PublishMode } from "../sessions/session.ts";
import { Budget } from "../usage/budget.ts";

/** Where a setting can be set by the page. A session has its own, where it can have one, as a field of its own. */
export const SettingScope = z.enum(["global", "repository"]);
export type SettingScope = z.infer<typeof SettingScope>;

/** Where a value comes from; a later one wins over an earlier one. */
export const SETTING_SOURCES = ["default", "environment", "global", "repository"] as const;
export const SettingSource = z.enum(SETTING_SOURCES);
export type SettingSource = z.infer<typeof SettingSource>;

const both = ["global", "repository"] as const;
const everywhere = ["global"] as const;
const perRepository = ["repository"] as const;

const Script = z.string().max(65_536);
/** A package of Debian's archive, perhaps with a version: `postgresql-client`, `libpq-dev=15.*`. */
export const DebianPackage = z
  .string()
  .max(200)
  .regex(/^[a-z0-9][a-z0-9.+-]+(=[A-Za-z0-9.+:~*-]+)?$/, "must be the name of a Debian package");

/**
 * Every setting that the page can change: its shape, where it can be set, its default and the variable of `.env` that
 * sets it for all. A value set in the page wins over `.env`; taking it back brings `.env` to bear again.
 */
export const SETTINGS = {
  "network.mode": { schema: NetworkMode, scopes: both, default: "allowlist", variable: "SANDBOX_NETWORK" },
  /** Hosts beside the preset; a repository's come on top of the global ones. */
  "network.hosts": { schema: z.array(HostRule).max(500), scopes: both, default: [], variable: null },
  "permissions.mode": { schema: PermissionMode, scopes: both, default: "auto", variable: null },
  "permissions.rules": { schema: z.array(PermissionRule).max(100), scopes: both, default: [], variable: null },
  "git.publishMode": { schema: PublishMode, scopes: both, default: "auto", variable: null },
  "git.agentPush": { schema: AgentPush, scopes: both, default: "ask", variable: null },
  /** Whether git in a sandbox asks the server, has the user's own credentials mounted, or neither; see SECURITY.md. */
  "git.credentials": {
    schema: z.enum(["broker", "mount", "none"]),
    scopes: everywhere,
    default: "broker",
    variable: "GIT_CREDENTIALS",
  },
  "budget.session": { schema: Budget, scopes: both, default: {}, variable: null },
  "budget.day": { schema: Budget, scopes: everywhere, default: {}, variable: null },
  "sandbox.memoryBytes": {
    schema: z.int().min(536_870_912).max(1_099_511_627_776),
    scopes: both,
    default: 4_294_967_296,
    variable: "SANDBOX_MEMORY",
  },
  "sandbox.cpus": { schema: z.number().positive().max(1024), scopes: both, default: 2, variable: "SANDBOX_CPUS" },
  /**
   * Bytes of a session's volumes; over it the sandbox is stopped, with what it holds kept. The server keeps as much again
   * of what the sandbox sends. Null: no limit.
   */
  "sandbox.diskBytes": {
    schema: z.int().min(1_073_741_824).nullable(),
    scopes: both,
    default: 21_474_836_480,
    variable: "SANDBOX_DISK",
  },
  /** The engine's container runtime; null: its default. `runsc` is gVisor. */
  "sandbox.runtime": {
    schema: z.string().trim().min(1).max(100).nullable(),
    scopes: both,
    default: null,
    variable: "SANDBOX_RUNTIME",
  },
  /** Debian packages that are built into an image of the repository's own, outside of any sandbox. */
  "sandbox.packages": { schema: z.array(DebianPackage).max(200), scopes: perRepository, default: [], variable: null },
  /** Run once in a new workspace, and again when asked. Null: `.background-agents/setup.sh`, where there is one. */
  "setup.script": { schema: Script.nullable(), scopes: perRepository, default: null, variable: null },
  /** Run at each start of the sandbox, beside the agent. Null: `.background-agents/start.sh`, where there is one. */
  "setup.start": { schema: Script.nullable(), scopes: perRepository, default: null, variable: null },
  /** A setup script that prints nothing for so long, in milliseconds, is ended. */
  "setup.timeoutMs": {
    schema: z.int().min(10_000).max(86_400_000),
    scopes: both,
    default: 300_000,
    variable: null,
  },
} as const satisfies Record<
  string,
  { schema: z.ZodType; scopes: readonly SettingScope[]; default: unknown; variable: string | null }
>;

export type SettingKey = keyof typeof SETTINGS;
export type SettingValue<K extends SettingKey> = z.infer<(typeof SETTINGS)[K]["schema"]>;
export type SettingValues = { [K in SettingKey]: SettingValue<K> };

export const SETTING_KEYS = Object.keys(SETTINGS) as [SettingKey, ...SettingKey[]];
export const SettingKeySchema = z.enum(SETTING_KEYS);

/** One setting as it holds for everything, or for one repository. */
export const Setting = z.object({
  key: SettingKeySchema,
  value: z.unknown(),
  source: SettingSource,
  scopes: z.array(SettingScope),
  variable: z.string().nullable(),
  /** What it would be without the value set in the scope that was asked for. */
  inherited: z.object({ value: z.unknown(), source: SettingSource }),
});
export type Setting = z.infer<typeof Setting>;
