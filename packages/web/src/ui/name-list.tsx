/** More names than this are counted in a sentence, and listed one click deeper. */
const FEW = 6;

export function areMany(names: readonly string[]): boolean {
  return names.length > FEW;
}

/** Names in a row, as they stand in a sentence. */
export function NameList({ names }: { names: readonly string[] }) {
  return names.map((name, at) => (
    <span key={name}>
      {at > 0 && ", "}
      <code className="text-code wrap-anywhere">{name}</code>
    </span>
  ));
}

/** Many names, one click deeper than the sentence that counts them. */
export function FoldedNames({ names }: { names: readonly string[] }) {
  return (
    <details>
      <summary className="w-max text-xs text-ink-3 hover:text-ink">Names</summary>
      <p className="pt-0.5">
        <NameList names={names} />
      </p>
    </details>
  );
}
