import { getPayload, type InstructionCstNode, readTokenText } from '../../grammar/index.ts';

type Node = NonNullable<NonNullable<InstructionCstNode['children'][keyof InstructionCstNode['children']]>[number]>;
type Token = Node['children']['keyword'][number];
type Part = Token | { readonly name: string; readonly children: Readonly<Record<string, readonly Part[]>> };

/** An instruction as BuildKit's parser dumps it: `(copy ["--link"] "a" "b")`. Nothing of a trigger that is malformed. */
export function dumpInstruction(node: InstructionCstNode): string {
  const inner = Object.values(node.children)[0]?.[0];
  if (inner === undefined) return '';
  const tokens = tokensIn(inner as Part).filter(({ tokenType }) => tokenType.name !== 'LineEnd');
  const [keyword, ...rest] = tokens.toSorted((a, b) => a.startOffset - b.startOffset);
  const trigger = inner.name === 'onbuild' ? inner.children.instruction[0] : undefined;
  const own = trigger === undefined ? rest : rest.filter((token) => !tokensIn(trigger as Part).includes(token));
  const flags = own
    .filter(({ tokenType }) => tokenType.name === 'Flag')
    .map((token) => quote(readTokenText(token).text));
  const head = [readTokenText(keyword!).text.toLowerCase(), ...(flags.length > 0 ? [`[${flags.join(' ')}]`] : [])];
  const body = trigger === undefined ? argumentsOf(own, inner.name) : [dumpInstruction(trigger)];
  return `(${[...head, ...body].join(' ')})`;
}

function tokensIn(part: Part): readonly Token[] {
  return 'tokenType' in part ? [part] : Object.values(part.children).flat().flatMap(tokensIn);
}

/** A pair of ENV has a third member behind the value, the sign between name and value; a declaration of ARG is one word. */
function argumentsOf(tokens: readonly Token[], rule: string): readonly string[] {
  return tokens.flatMap((token, index) => {
    const { text } = readTokenText(token);
    const before = tokens[index - 1];
    const after = tokens[index + 1];
    switch (token.tokenType.name) {
      case 'Flag':
      case 'FlagsEnd':
      case 'HeredocBody':
      case 'Value':
        return [];
      case 'LegacyValue':
        return [quote(text), '""'];
      case 'Key':
        return rule === 'arg' && after?.tokenType.name === 'Equals' ? [] : [quote(text)];
      case 'Equals': {
        const value = after?.tokenType.name === 'Value' ? readTokenText(after).text : '';
        return rule === 'arg' ? [quote(`${readTokenText(before!).text}=${value}`)] : [quote(value), '"="'];
      }
      case 'ExecForm':
        return jsonElements(token).map(quote);
      default:
        return [quote(text)];
    }
  });
}

function jsonElements(token: Token): readonly string[] {
  const { elements } = getPayload(token);
  return elements === undefined || elements === 'not-strings' ? [] : elements.map(({ value }) => value);
}

/** As Go's `%q` does it. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(/\\u00([01][0-9a-f])/g, '\\x$1');
}
