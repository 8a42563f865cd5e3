/** bash splits words at `:` and `=`, but image names and flags contain them. So words are read from the line, and the part that bash keeps is removed. */
export const BASH = `# bash completion of mkimage: source <(mkimage completion bash)
_mkimage() {
  local line="\${COMP_LINE:0:COMP_POINT}" typed out entry value kept path
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  typed=\${words[\${#words[@]} - 1]}
  out=$("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null) || return 0
  kept=""
  [[ $COMP_WORDBREAKS == *=* && $typed == *=* ]] && kept=\${typed%"\${typed##*=}"}
  [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && kept=\${typed%"\${typed##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r entry; do
    case $entry in
      :none) ;;
      :files | :directories)
        compopt -o filenames
        value=$typed
        [[ $typed == --*=* ]] && value=\${typed#*=}
        while IFS= read -r path; do COMPREPLY+=("$path"); done < <(
          if [[ $entry == :files ]]; then compgen -f -- "$value"; else compgen -d -- "$value"; fi
        )
        ;;
      *)
        value=\${entry%%$'\\t'*}
        COMPREPLY+=("\${value#"$kept"}")
        [[ $value == *= ]] && compopt -o nospace
        ;;
    esac
  done <<<"$out"
  return 0
}
complete -F _mkimage mkimage
`;
