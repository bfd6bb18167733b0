const NAMES: [selector: string, name: string][] = [
  ["[data-expand-up]", "Show more lines above"],
  ["[data-expand-down]", "Show more lines below"],
  ["[data-expand-both]", "Show the lines between"],
  ["[data-expand-all-button]", "Show all lines between"],
];

/** Gives the viewer's buttons, which are pictures only, their names; and the keyboard a way to them and to long lines. */
export function makeAccessible(host: HTMLElement): void {
  for (const code of host.shadowRoot?.querySelectorAll<HTMLElement>("[data-code]:not([tabindex])") ?? []) {
    code.tabIndex = 0;
  }
  for (const [selector, name] of NAMES) {
    for (const button of host.shadowRoot?.querySelectorAll<HTMLElement>(`${selector}:not([aria-label])`) ?? []) {
      button.setAttribute("aria-label", name);
      if (button.tabIndex < 0) makePressable(button);
    }
  }
}

function makePressable(button: HTMLElement): void {
  button.tabIndex = 0;
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    button.click();
  });
}

/** The button at the line under the pointer is made when the first line is pointed at. */
export function nameCommentButton(line: HTMLElement): void {
  const root = line.getRootNode();
  if (!(root instanceof ShadowRoot)) return;
  root.querySelector("[data-utility-button]:not([aria-label])")?.setAttribute("aria-label", "Comment on this line");
}
