let given = false;

/**
 * Lets libraries that make `<style>` elements (the diff viewer, inside its shadow roots) pass the content security
 * policy: each style element gets the page's nonce. Whoever can call this code runs as the page's script already, so
 * it opens nothing that the nonce on scripts does not.
 */
export function giveStylesTheNonce(): void {
  if (given) return;
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.nonce;
  if (!nonce) return;
  given = true;
  document.createElement = new Proxy(document.createElement, {
    apply(create, self, args: [string]) {
      const element: HTMLElement = Reflect.apply(create, self, args);
      if (element instanceof HTMLStyleElement) element.nonce = nonce;
      return element;
    },
  });
}
