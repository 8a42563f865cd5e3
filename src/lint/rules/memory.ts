/**
 * Caches what a check computes for a run, a script or a stage. Without it, a file with thousands of commands takes quadratic
 * time. Create one cache per kind of question; `name` distinguishes variants of the question.
 */
export class Memory<Key extends object, Answer> {
  readonly #answers = new WeakMap<Key, Map<string, Answer>>();

  recall(key: Key, name: string, find: () => Answer): Answer {
    const known = this.#answers.get(key) ?? new Map<string, Answer>();
    this.#answers.set(key, known);
    const answer = known.has(name) ? known.get(name)! : find();
    known.set(name, answer);
    return answer;
  }
}
