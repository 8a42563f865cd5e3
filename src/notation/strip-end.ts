/** The text without the repetitions of a character at its end. (As a regular expression it would take quadratic time.) */
export function stripEnd(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
}
