"use client";

import { PERMISSION_OPTIONS } from "../../../ui/session-options.tsx";
import { ChoiceRow } from "../form/choice-row.tsx";
import { DraftForm } from "../form/draft-form.tsx";
import { RoomNote } from "../form/room-note.tsx";
import { SettingRow } from "../form/setting-row.tsx";
import { readRules, RuleFields } from "./rule-fields.tsx";

const GUARANTEES = [
  "It sees its own working tree, and nothing else of your disk.",
  "It reaches only what the network rules let through.",
  "Model keys, SSH keys and your gh login are not inside, unless you mount them.",
  "Your repository changes in refs/heads/agents/… only; your own commits there are never overwritten.",
  "Nothing is pushed but what the server was allowed to push.",
  "It uses no more of a model than its budget, and no more memory, processors and disk than its sandbox has.",
];

/** What the agent does without asking, and what holds whatever it does. */
export function PermissionsRoom() {
  return (
    <>
      <RoomNote>
        These guide an honest agent: they are asked for inside of the sandbox, where an agent that was led astray could
        go around them. What is guaranteed stands at the end.
      </RoomNote>
      <ChoiceRow
        name="permissions.mode"
        label="The agent"
        help="For new sessions. A session can have its own."
        options={PERMISSION_OPTIONS}
      />
      <SettingRow
        wide
        name="permissions.rules"
        label="Rules"
        help={
          <>
            For sessions in which it asks first. <code>*</code> stands for any characters; the last rule that fits wins;
            what none fits is asked.
          </>
        }
      >
        {({ setting, save }) => (
          <DraftForm name="permissions.rules" initial={setting.value} read={readRules} onSave={save}>
            {(rules, setRules) => <RuleFields rules={rules} onChange={setRules} />}
          </DraftForm>
        )}
      </SettingRow>
      <section className="py-4">
        <h2 className="font-medium">Guaranteed, whatever the agent does</h2>
        <ul className="max-w-[68ch] list-disc pt-1 pl-4 text-ink-2 marker:text-ink-3">
          {GUARANTEES.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
    </>
  );
}
