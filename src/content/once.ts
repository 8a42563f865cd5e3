/** Returns a function that starts the work at the first call and gives every caller the same promise. */
export function once<T, A extends readonly unknown[] = []>(
  start: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let begun: Promise<T> | undefined;
  return (...args) => {
    begun ??= start(...args);
    return begun;
  };
}
