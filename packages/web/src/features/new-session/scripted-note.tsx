/** The demo model is not one: said wherever it is chosen. */
export function ScriptedNote() {
  return (
    <p className="px-3.5 text-xs text-ink-3">
      <span className="font-medium text-ink-2">A scripted demo, not a language model.</span> It drives the real agent
      through one small task (look around, edit a file, run a command, commit), whatever the prompt says.
    </p>
  );
}
