const HEADS = "refs/heads/";

export type PushOrder = { source: string; target: string; branch: string } | { target: string; refused: string };

/** Pure: reads what follows `push ` in git's talk with a remote helper: `[+]<source>:<target>`. */
export function parsePush(refspec: string): PushOrder {
  const [source = "", target = ""] = refspec.replace(/^\+/, "").split(":");
  if (source === "") return { target, refused: "this sandbox may not delete branches: that is the user's" };
  if (!target.startsWith(HEADS)) {
    const what = target.startsWith("refs/tags/") ? "tags are the user's" : `${target} is not a branch`;
    return { target, refused: `this sandbox may push only its own branch; ${what}` };
  }
  return { source, target, branch: target.slice(HEADS.length) };
}
