"use client";

import { SETUP_FILES } from "@background-agents/shared/sessions/setup";
import { DraftForm } from "./form/draft-form.tsx";
import { NumberRow } from "./form/number-row.tsx";
import { RoomNote } from "./form/room-note.tsx";
import { SettingRow } from "./form/setting-row.tsx";
import { useSettings } from "./form/use-settings.tsx";

/** What makes a repository's working tree ready to work in. */
export function SetupRoom() {
  const { repository } = useSettings();
  return (
    <>
      <RoomNote>
        Scripts run inside the sandbox, under its network rules. One that fails is shown in the session, which goes on
        without it; it can be run again from its logs.
        {repository === null && " The scripts belong to a repository: choose one above."}
      </RoomNote>
      <ScriptRow
        name="setup.script"
        label="Setup script"
        file={SETUP_FILES.setup}
        help="Once in each new working tree: install what the work needs."
        placeholder={"# for example\nnpm ci\nnpm run build"}
      />
      <ScriptRow
        name="setup.start"
        label="Start script"
        file={SETUP_FILES.start}
        help="At each start of the sandbox, beside the agent: a database, a dev server."
        placeholder={"# for example\nnpm run dev"}
      />
      <NumberRow
        name="setup.timeoutMs"
        label="Time-out"
        help="A setup script that prints nothing for so long is ended."
        unit="seconds"
        factor={1000}
      />
    </>
  );
}

function ScriptRow({
  name,
  label,
  file,
  help,
  placeholder,
}: {
  name: "setup.script" | "setup.start";
  label: string;
  file: string;
  help: string;
  placeholder: string;
}) {
  return (
    <SettingRow
      wide
      name={name}
      label={label}
      help={
        <>
          {help} Left empty, <code>{file}</code> of the repository is used, where there is one.
        </>
      }
    >
      {({ setting, save }) => (
        <DraftForm
          name={name}
          initial={setting.value ?? ""}
          read={(text) => ({ value: text.trim() === "" ? null : text.replaceAll("\r\n", "\n") })}
          onSave={save}
        >
          {(text, setText) => (
            <textarea
              aria-label={label}
              value={text}
              rows={5}
              spellCheck={false}
              placeholder={placeholder}
              onChange={(event) => setText(event.target.value)}
              className="scroll-quiet max-h-96 w-full resize-none rounded-md border border-line-strong bg-paper px-2.5 py-1.5 font-mono text-code [field-sizing:content] focus:border-accent max-md:text-[16px]"
            />
          )}
        </DraftForm>
      )}
    </SettingRow>
  );
}
