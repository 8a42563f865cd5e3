/** The same promise for every caller; nothing starts before the first asks. */
export function once<T>(start: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () => {
    promise ??= start();
    return promise;
  };
}
