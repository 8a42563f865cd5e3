/** The URL without a user and password, for everything that is shown or kept: messages, names of steps, an image's history. */
export function withoutCredentials(url: string): string {
  return url.replace(/^(?<scheme>[a-z0-9+.-]+:\/\/)[^/?#]*@/i, '$<scheme>');
}
