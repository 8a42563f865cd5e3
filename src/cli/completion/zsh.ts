/** zsh separates candidate and description with a colon, so a colon in a candidate is escaped. */
export const ZSH = `#compdef mkimage
# zsh completion of mkimage: source <(mkimage completion zsh), or save it as _mkimage in a folder of fpath
_mkimage() {
  local -a entries plain open
  local entry value about directive=none
  entries=("\${(@f)$("\${(Q)words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for entry in $entries; do
    if [[ $entry == :* ]]; then
      directive=\${entry#:}
      continue
    fi
    value=\${entry%%$'\\t'*}
    about=\${entry#*$'\\t'}
    if [[ $value == *= ]]; then
      open+=("\${value//:/\\\\:}:$about")
    else
      plain+=("\${value//:/\\\\:}:$about")
    fi
  done
  (( $#plain )) && _describe -o mkimage plain
  (( $#open )) && _describe -o mkimage open -S ''
  [[ $directive == none ]] && return
  [[ $words[CURRENT] == --*=* ]] && compset -P '*='
  if [[ $directive == directories ]]; then _files -/; else _files; fi
}
if [[ $funcstack[1] == _mkimage ]]; then
  _mkimage "$@"
else
  compdef _mkimage mkimage
fi
`;
