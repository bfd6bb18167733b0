"use client";

import { HostRule } from "@background-agents/shared/egress/network";
import { hostOf, wordProblem } from "../../lib/check-word.ts";
import { NETWORK_OPTIONS } from "../../lib/network-words.ts";
import { StringList } from "../../ui/string-list.tsx";
import { ChoiceRow } from "./form/choice-row.tsx";
import { RoomNote } from "./form/room-note.tsx";
import { SettingRow } from "./form/setting-row.tsx";
import { useSettings } from "./form/use-settings.tsx";

/** What sandboxes may reach. */
export function NetworkRoom() {
  const { preset, find } = useSettings();
  const mode = find("network.mode")?.value ?? "allowlist";
  return (
    <>
      <RoomNote>
        The server enforces this outside of the sandbox, whatever the agent does: all of its traffic goes by way of the
        server, and private addresses are refused in every mode.
      </RoomNote>
      <ChoiceRow
        name="network.mode"
        label="Mode"
        help="For new sessions. A session can have its own."
        options={NETWORK_OPTIONS}
        after={(mode) =>
          mode === "open" && (
            <p className="pt-1.5 text-xs text-need">
              An agent that was led astray can send what it reads to any public host: the code, and the secrets it was
              given.
            </p>
          )
        }
      />
      <SettingRow
        name="network.hosts"
        label="Hosts"
        help={
          <>
            Let through besides the package registries. <code>*.example.com</code> stands for the names below it.
            {mode !== "allowlist" && (
              <span className="block pt-1">Kept, but of use only to sessions that keep to the listed hosts.</span>
            )}
          </>
        }
      >
        {({ setting, own, save }) => (
          <StringList
            label="Hosts"
            values={own ?? []}
            above={
              setting.source === "repository" || own === undefined ? setting.inherited.value.filter(isAbove(own)) : []
            }
            onChange={(hosts) => void save(hosts)}
            placeholder="api.example.com"
            check={(host) => wordProblem(HostRule, host)}
            clean={hostOf}
            empty="None besides the package registries."
          />
        )}
      </SettingRow>
      {preset.length > 0 && (
        <details className="border-b py-3">
          <summary className="w-max text-ink-2 hover:text-ink">
            Always on the list: {preset.length} hosts of package registries
          </summary>
          <dl className="grid grid-cols-1 gap-x-6 pt-2 md:grid-cols-[auto_minmax(0,1fr)]">
            {preset.map(({ host, why }) => (
              <div key={host} className="contents">
                <dt>
                  <code className="text-code break-all">{host}</code>
                </dt>
                <dd className="text-ink-3 max-md:pb-1">{why}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}

/** What all repositories have and this one does not say again. */
function isAbove(own: readonly string[] | undefined) {
  return (host: string) => !(own ?? []).includes(host);
}
