type Configuration = Readonly<Record<string, unknown>>;

/**
 * OpenCode's configuration, of which a turn may change the permissions: OpenCode reads it when it starts, so the agent
 * is then started anew. In the text of a permission the order counts (a later entry wins), so texts are compared.
 */
export function createAgentConfiguration(first: Configuration) {
  let current = first;
  return {
    current: (): Record<string, unknown> => ({ ...current }),
    /** Sees to it that the agent runs with these permissions. Call it only while no turn runs. */
    async usePermission(permission: Configuration | undefined, recycle: () => Promise<void>): Promise<void> {
      if (permission === undefined || JSON.stringify(permission) === JSON.stringify(current["permission"])) return;
      current = { ...current, permission };
      await recycle();
    },
  };
}
