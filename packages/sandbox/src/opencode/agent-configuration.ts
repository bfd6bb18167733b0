type Configuration = Readonly<Record<string, unknown>>;

/** What a turn wants the agent to run with; what is absent stays. */
export interface TurnConfiguration {
  permission?: Configuration | undefined;
  /** The provider of the turn's model, by its id. */
  provider?: { id: string; configuration: Configuration } | undefined;
}

/**
 * OpenCode's configuration, of which a turn may change the permissions and its own provider: OpenCode reads it when it
 * starts, so the agent is then started anew. In the text of a permission the order counts (a later entry wins), so texts
 * are compared.
 */
export function createAgentConfiguration(first: Configuration) {
  let current = first;
  return {
    current: (): Record<string, unknown> => ({ ...current }),
    /** Sees to it that the agent runs with what the turn wants. Call it only while no turn runs. */
    async use(wanted: TurnConfiguration, recycle: () => Promise<void>): Promise<void> {
      const next = merge(current, wanted);
      if (JSON.stringify(next) === JSON.stringify(current)) return;
      current = next;
      await recycle();
    },
  };
}

function merge(current: Configuration, { permission, provider }: TurnConfiguration): Configuration {
  const next = { ...current, ...(permission && { permission }) };
  if (!provider) return next;
  const { id, configuration } = provider;
  const known = current["enabled_providers"];
  const enabled = Array.isArray(known) && !known.includes(id) ? [...(known as unknown[]), id] : known;
  return {
    ...next,
    ...(enabled !== undefined && { enabled_providers: enabled }),
    provider: { ...(current["provider"] as Configuration | undefined), [id]: configuration },
  };
}
