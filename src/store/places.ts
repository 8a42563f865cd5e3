/** Names of the store's folders and files below the root. */
export const STORE_PLACES = {
  images: 'images',
  forms: 'layers-v1',
  locks: 'locks',
  temporary: 'tmp',
  /** The copy of `images/index.json`. */
  index: 'index-v1.json',
} as const;
