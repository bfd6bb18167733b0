/**
 * Takes what could be a password or a token out of the addresses in a text: all before the `@` of an `http(s)` address,
 * the password of any other.
 */
export function hideCredentials(text: string): string {
  return text
    .replace(/\b(https?:\/\/)[^\s/@'"]*@/gi, "$1")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/@:'"]*):[^\s/@'"]*@/gi, "$1@");
}
