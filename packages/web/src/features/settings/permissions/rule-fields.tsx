import { PermissionRule } from "@background-agents/shared/sessions/permission-rule";
import { ArrowUp, Plus, X } from "lucide-react";
import { Button } from "../../../ui/button.tsx";
import { SelectField } from "../../../ui/select-field.tsx";
import { TextField } from "../../../ui/text-field.tsx";

const TOOLS = [
  { value: "bash", label: "Command" },
  { value: "edit", label: "Edit of" },
  { value: "webfetch", label: "Web request to" },
] as const;

const ACTIONS = [
  { value: "ask", label: "ask" },
  { value: "allow", label: "allow" },
  { value: "deny", label: "refuse" },
] as const;

const EXAMPLES: Record<PermissionRule["tool"], string> = {
  bash: "npm test *",
  edit: "src/*",
  webfetch: "https://docs.*",
};

/** Rules in their order, each a sentence: which tool, what of it, what then. */
export function RuleFields({
  rules,
  onChange,
}: {
  rules: readonly PermissionRule[];
  onChange: (rules: PermissionRule[]) => void;
}) {
  const put = (at: number, rule: PermissionRule) =>
    onChange(rules.map((other, place) => (place === at ? rule : other)));
  return (
    <>
      <ol aria-label="Rules" className="flex flex-col gap-1.5 empty:hidden">
        {rules.map((rule, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- a rule has no name of its own
          <li key={at} className="flex flex-wrap items-center gap-1.5">
            <SelectField
              label={`Rule ${at + 1}: tool`}
              value={rule.tool}
              options={TOOLS}
              onChange={(tool) => put(at, { ...rule, tool })}
              className="w-34"
            />
            <TextField
              aria-label={`Rule ${at + 1}: pattern`}
              value={rule.pattern}
              placeholder={EXAMPLES[rule.tool]}
              onChange={(event) => put(at, { ...rule, pattern: event.target.value })}
              className="min-w-40 flex-1 font-mono text-code max-md:order-first max-md:basis-full"
            />
            <SelectField
              label={`Rule ${at + 1}: what then`}
              value={rule.action}
              options={ACTIONS}
              onChange={(action) => put(at, { ...rule, action })}
            />
            <Button
              look="quiet"
              size="icon"
              disabled={at === 0}
              aria-label={`Move rule ${at + 1} up`}
              onClick={() => onChange(moveUp(rules, at))}
            >
              <ArrowUp size={13} />
            </Button>
            <Button
              look="quiet"
              size="icon"
              aria-label={`Remove rule ${at + 1}`}
              onClick={() => onChange(rules.filter((_, place) => place !== at))}
            >
              <X size={13} />
            </Button>
          </li>
        ))}
      </ol>
      <Button
        look="quiet"
        className="-ml-2 w-max"
        onClick={() => onChange([...rules, { tool: "bash", pattern: "", action: "allow" }])}
      >
        <Plus size={13} aria-hidden />
        Add a rule
      </Button>
    </>
  );
}

/** Pure: the rule changes places with the one before it. */
export function moveUp<T>(list: readonly T[], at: number): T[] {
  const [rule, before] = [list[at], list[at - 1]];
  if (rule === undefined || before === undefined) return [...list];
  return list.map((other, place) => (place === at ? before : place === at - 1 ? rule : other));
}

/** Pure: rules as they are stored; one without a pattern says nothing yet. */
export function readRules(rules: readonly PermissionRule[]): { value: PermissionRule[] } | { problem: string } {
  const wrong = rules.findIndex((rule) => !PermissionRule.safeParse(rule).success);
  if (wrong !== -1) return { problem: `Rule ${wrong + 1}: write a pattern of at most 300 characters.` };
  return { value: rules.map((rule) => ({ ...rule, pattern: rule.pattern.trim() })) };
}
