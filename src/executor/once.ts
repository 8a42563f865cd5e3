/** Returns a function that starts the work at the first call and gives every caller the same promise. */
export function once<T>(start: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () => {
    promise ??= start();
    return promise;
  };
}
