/** One line of plain text in which backticks mark code, as agents write it. */
export function InlineCode({ text }: { text: string }) {
  return text.split(/`([^`\n]+)`/).map((piece, at) =>
    at % 2 === 1 ? (
      // oxlint-disable-next-line react/no-array-index-key -- pieces of one text have no other name
      <code key={at} className="text-code font-normal">
        {piece}
      </code>
    ) : (
      piece
    ),
  );
}
