/**
 * What was found out about a run, a script or a stage is not found out again: thousands of commands may ask. A memory belongs
 * to one question; `name` tells its variants apart.
 */
export class Memory<Key extends object, Answer> {
  readonly #answers = new WeakMap<Key, Map<string, Answer>>();

  of(key: Key, name: string, find: () => Answer): Answer {
    const known = this.#answers.get(key) ?? new Map<string, Answer>();
    this.#answers.set(key, known);
    const answer = known.has(name) ? known.get(name)! : find();
    known.set(name, answer);
    return answer;
  }
}
