import {
  type Setting,
  type SettingKey,
  SETTINGS,
  type SettingScope,
  type SettingValue,
} from "@background-agents/shared/settings/settings";

/** A setting with its value checked. */
export interface ShownSetting<K extends SettingKey> extends Omit<Setting, "value" | "inherited"> {
  value: SettingValue<K>;
  inherited: { value: SettingValue<K>; source: Setting["source"] };
}

/** Null where the setting is not offered in the scope that was asked for. */
export function findSetting<K extends SettingKey>(settings: readonly Setting[], key: K): ShownSetting<K> | null {
  const found = settings.find((setting) => setting.key === key);
  if (!found) return null;
  return {
    ...found,
    value: read(key, found.value),
    inherited: { ...found.inherited, value: read(key, found.inherited.value) },
  };
}

/** A value that this page does not know is shown as the default. */
function read<K extends SettingKey>(key: K, value: unknown): SettingValue<K> {
  const parsed = SETTINGS[key].schema.safeParse(value);
  return (parsed.success ? parsed.data : SETTINGS[key].default) as SettingValue<K>;
}

/** What a repository says comes on top of what all of them have. */
const ADDED: ReadonlySet<SettingKey> = new Set(["network.hosts"]);

/** What is set in the scope itself; undefined where nothing is. */
export function ownValue<K extends SettingKey>(
  setting: ShownSetting<K>,
  scope: SettingScope,
): SettingValue<K> | undefined {
  if (setting.source !== scope) return undefined;
  const { value, inherited } = setting;
  if (scope === "global" || !ADDED.has(setting.key) || !Array.isArray(value) || !Array.isArray(inherited.value)) {
    return value;
  }
  const above: readonly unknown[] = inherited.value;
  return value.filter((one: unknown) => !above.includes(one)) as SettingValue<K>;
}

/** The setting as it will be once the scope says `own`; undefined: nothing. */
export function withOwn(setting: Setting, scope: SettingScope, own: unknown): Setting {
  const { inherited } = setting;
  if (own === undefined) return { ...setting, ...inherited };
  const added =
    scope === "repository" && ADDED.has(setting.key) && Array.isArray(own) && Array.isArray(inherited.value);
  const value: unknown = added ? [...new Set([...(inherited.value as unknown[]), ...(own as unknown[])])] : own;
  return { ...setting, value, source: scope };
}
