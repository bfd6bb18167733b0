"use client";

import { DebianPackage } from "@background-agents/shared/settings/settings";
import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "../../api/queries.ts";
import { wordProblem } from "../../lib/check-word.ts";
import { StringList } from "../../ui/string-list.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { DraftForm } from "./form/draft-form.tsx";
import { NumberRow } from "./form/number-row.tsx";
import { RoomNote } from "./form/room-note.tsx";
import { SettingRow } from "./form/setting-row.tsx";
import { useSettings } from "./form/use-settings.tsx";

const GIB = 1024 ** 3;

/** What a sandbox is made of, and how much it may take. */
export function SandboxRoom() {
  const { repository } = useSettings();
  const image = useQuery(healthQuery).data?.sandboxImage.name;
  return (
    <>
      <RoomNote>
        Each session has a container of its own
        {image && (
          <>
            {" "}
            of the image <code className="text-code">{image}</code>
          </>
        )}
        . What is changed here holds from its next start on.
      </RoomNote>
      <NumberRow
        name="sandbox.memoryBytes"
        label="Memory"
        help="Over it the engine ends the process that takes most."
        unit="GiB"
        factor={GIB}
      />
      <NumberRow name="sandbox.cpus" label="Processors" help="Never more than the engine has." unit="processors" />
      <NumberRow
        name="sandbox.diskBytes"
        label="Disk"
        help="Working tree and caches. Over it the sandbox is stopped, and what it holds is kept."
        unit="GiB"
        factor={GIB}
      />
      <SettingRow
        name="sandbox.runtime"
        label="Runtime"
        help={
          <>
            Empty: the engine’s own. <code>runsc</code> is gVisor, which puts a kernel of its own between agent and
            machine; it must be set up in the engine.
          </>
        }
      >
        {({ setting, save }) => (
          <DraftForm
            name="sandbox.runtime"
            initial={setting.value ?? ""}
            read={(text) => ({ value: text.trim() === "" ? null : text.trim() })}
            onSave={save}
          >
            {(text, setText) => (
              <TextField
                aria-label="Runtime"
                value={text}
                placeholder="the engine’s own"
                onChange={(event) => setText(event.target.value)}
                className="w-48 font-mono text-code"
              />
            )}
          </DraftForm>
        )}
      </SettingRow>
      <SettingRow
        name="sandbox.packages"
        label="Debian packages"
        help="Built into an image of this repository’s own, outside of any sandbox: inside, nobody can install as root."
      >
        {({ own, save }) => (
          <StringList
            label="Debian packages"
            values={own ?? []}
            onChange={(packages) => void save(packages)}
            placeholder="postgresql-client"
            check={(name) => wordProblem(DebianPackage, name)}
            clean={(name) => name.toLowerCase()}
            empty="None besides what the image has."
          />
        )}
      </SettingRow>
      {repository === null && (
        <p className="py-3 text-xs text-ink-3">Debian packages belong to a repository: choose one above.</p>
      )}
    </>
  );
}
