/** Whether this is a machine with a command key. */
export function isApple(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
}

/** A shortcut as this machine's keyboard names it: `mod+enter` is ⌘↵ or Ctrl ↵. */
export function shortcutLabel(shortcut: string): string {
  const apple = isApple();
  return shortcut
    .split("+")
    .map((key) => {
      if (key === "mod") return apple ? "⌘" : "Ctrl";
      if (key === "alt") return apple ? "⌥" : "Alt";
      if (key === "enter") return "↵";
      if (key === "escape") return "Esc";
      return key.length === 1 ? key.toUpperCase() : key;
    })
    .join(apple ? "" : " ");
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
