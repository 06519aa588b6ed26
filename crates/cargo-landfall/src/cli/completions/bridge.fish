
# `cargo landfall VERB`: Cargo's own completions know Cargo's own commands alone.
function __landfall_bridge
    set -l line (commandline -cp | string replace -r '^\s*cargo\s+landfall' cargo-landfall)
    complete --do-complete "$line"
end
complete -c cargo -n '__fish_seen_subcommand_from landfall' -f -a '(__landfall_bridge)'
