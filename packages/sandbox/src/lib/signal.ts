/** A wake-up that is not lost: `notify` before `wait` makes that `wait` return at once. */
export function createSignal() {
  let raised = false;
  let wake: (() => void) | undefined;
  return {
    notify(): void {
      raised = true;
      wake?.();
    },
    /** Resolves true when notified, false after `timeoutMs`. One waiter at a time. */
    async wait(timeoutMs: number): Promise<boolean> {
      let timer: NodeJS.Timeout | undefined;
      if (!raised) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, timeoutMs);
        });
      }
      clearTimeout(timer);
      wake = undefined;
      const was = raised;
      raised = false;
      return was;
    },
  };
}
