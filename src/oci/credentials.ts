/** Removes user and password from a URL before it is shown or stored: messages, names of steps, an image's history. */
export function withoutCredentials(url: string): string {
  return url.replace(/^(?<scheme>[a-z0-9+.-]+:\/\/)[^/?#]*@/i, '$<scheme>');
}
