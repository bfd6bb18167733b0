import { parseArgs } from "node:util";

/** What the shim understood of a `gh` command line. */
export type GhCommand =
  | { kind: "create"; title?: string; body?: string; bodyFile?: string; base?: string; head?: string; draft: boolean }
  | { kind: "view"; json?: string[]; jq?: string }
  | { kind: "checks"; watch: boolean }
  | { kind: "auth-status" }
  | { kind: "version" }
  | { kind: "help" }
  | { kind: "unknown"; why: string };

export const GH_HELP = `gh in this sandbox asks the server of Background Agents, which has the user's login. It can:
  gh pr create [--title <text>] [--body <text> | --body-file <file>] [--base <branch>] [--draft] [--fill]
  gh pr view [--json <fields>] [--jq <expression>]
  gh pr checks [--watch]
  gh pr status
  gh auth status
Always for this session's own branch; the user may be asked first. Push before you create.
`;

const CREATE_OPTIONS = {
  title: { type: "string", short: "t" },
  body: { type: "string", short: "b" },
  "body-file": { type: "string", short: "F" },
  base: { type: "string", short: "B" },
  head: { type: "string", short: "H" },
  draft: { type: "boolean", short: "d" },
  fill: { type: "boolean", short: "f" },
  "fill-first": { type: "boolean" },
  "fill-verbose": { type: "boolean" },
} as const;

/** Pure: reads the arguments after `gh`. Nothing is guessed: what the server cannot do is said. */
export function parseGhArguments(args: readonly string[]): GhCommand {
  const [group = "", verb = "", ...rest] = args;
  if (args.length === 0 || ["help", "--help", "-h"].includes(group) || rest.includes("--help")) return { kind: "help" };
  if (group === "--version" || group === "version") return { kind: "version" };
  try {
    switch (`${group} ${verb}`) {
      case "pr create":
      case "pr new":
        return parseCreate(rest);
      case "pr view":
        return parseView(rest);
      case "pr checks": {
        const options = { watch: { type: "boolean" }, interval: { type: "string", short: "i" } } as const;
        const { values } = parseArgs({ args: rest, options: { ...options, "fail-fast": { type: "boolean" } } });
        return { kind: "checks", watch: values.watch ?? false };
      }
      case "pr status":
        return { kind: "view" };
      case "auth status":
        return { kind: "auth-status" };
      default:
        return { kind: "unknown", why: `gh ${[group, verb].filter(Boolean).join(" ")} does not work in this sandbox.` };
    }
  } catch (error) {
    return { kind: "unknown", why: error instanceof Error ? error.message : String(error) };
  }
}

function parseCreate(args: string[]): GhCommand {
  const { values } = parseArgs({ args, options: CREATE_OPTIONS });
  const { title, body, "body-file": bodyFile, base, head, draft } = values;
  if (body !== undefined && bodyFile !== undefined) {
    return { kind: "unknown", why: "Give --body or --body-file, not both." };
  }
  return {
    kind: "create",
    draft: draft ?? false,
    ...(title !== undefined && { title }),
    ...(body !== undefined && { body }),
    ...(bodyFile !== undefined && { bodyFile }),
    ...(base !== undefined && { base }),
    ...(head !== undefined && { head }),
  };
}

function parseView(args: string[]): GhCommand {
  const options = {
    json: { type: "string" },
    jq: { type: "string", short: "q" },
    comments: { type: "boolean", short: "c" },
  } as const;
  const { values } = parseArgs({ args, options });
  const { json, jq } = values;
  if (jq !== undefined && json === undefined) return { kind: "unknown", why: "--jq goes with --json." };
  return {
    kind: "view",
    ...(json !== undefined && { json: json.split(",").filter(Boolean) }),
    ...(jq !== undefined && { jq }),
  };
}
