
# The same completions for the file that is installed.
complete -F _landfall -o bashdefault -o default cargo-landfall

# `cargo landfall VERB`: Cargo's own completions know Cargo's own commands alone.
_landfall_bridge() {
    if [[ ${COMP_WORDS[1]} == landfall && $COMP_CWORD -gt 1 ]]; then
        COMP_WORDS=(cargo-landfall "${COMP_WORDS[@]:2}")
        COMP_CWORD=$((COMP_CWORD - 1))
        _landfall cargo-landfall "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    elif [[ -n $_landfall_before ]]; then
        "$_landfall_before" "$@"
    fi
}

# Cargo's completions are usually loaded at their first use. The bridge needs them now.
if ! complete -p cargo &>/dev/null && declare -F _completion_loader &>/dev/null; then
    _completion_loader cargo
fi
if [[ $(complete -p cargo 2>/dev/null) =~ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _landfall_bridge ]]; then
    _landfall_before=${BASH_REMATCH[1]}
fi
complete -F _landfall_bridge -o bashdefault -o default cargo
