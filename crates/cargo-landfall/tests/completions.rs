//! `completions`: bash itself reads the script and completes by it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use landfall_host::private;

/// The program that is installed.
const PROGRAM: &str = env!("CARGO_BIN_EXE_cargo-landfall");

/// Completes the last word of a command line, as bash does when a user presses Tab.
const PRESS_TAB: &str = r#"
tab() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
    [[ $(complete -p "$1") =~ -F\ ([^ ]+) ]] || return
    "${BASH_REMATCH[1]}" "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "${COMPREPLY[*]}"
}
"#;

fn script(program: &Path, shell: &str) -> String {
    let output = Command::new(program).args(["completions", shell]).output().expect("it runs");
    assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Returns what bash offers for the last of `words`, after `before` and the script.
fn offers(before: &str, words: &[&str]) -> String {
    let script = script(Path::new(PROGRAM), "bash");
    let mut bash = Command::new("bash");
    bash.args([
        "--noprofile",
        "--norc",
        "-c",
        &format!("{before}\n{script}\n{PRESS_TAB}\ntab \"$@\""),
        "bash",
    ]);
    let Output { status, stdout, stderr } = bash.args(words).stdin(Stdio::null()).output().expect("bash");
    assert!(status.success() && stderr.is_empty(), "{words:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8_lossy(&stdout).trim().to_owned()
}

#[test]
fn bash_completes_a_verb_and_an_option_by_each_name() {
    for name in [&["cargo-landfall"][..], &["landfall"], &["cargo", "landfall"]] {
        let offers = |words: &[&str]| offers("", &[name, words].concat());
        assert_eq!(offers(&["pl"]), "plan", "{name:?}");
        assert_eq!(offers(&["plan", "--dt"]), "--dtb", "{name:?}");
        assert_eq!(offers(&["run", "--hart"]), "--harts", "{name:?}");
    }
}

#[test]
fn bash_completes_other_commands_of_cargo_as_before() {
    let before = "other() { COMPREPLY=(\"build-$2\"); }; complete -F other cargo";
    assert_eq!(offers(before, &["cargo", "bu"]), "build-bu");
    assert_eq!(offers(before, &["cargo", "landfall", "pl"]), "plan");
}

#[test]
fn every_shell_gets_a_script_with_verbs_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = script(Path::new(PROGRAM), shell);
        for words in ["plan", "dtb", "cargo-landfall"] {
            assert!(script.contains(words), "{shell}: no {words}");
        }
    }
}

#[test]
fn a_link_gets_a_script_for_its_own_name() {
    let folder = private::folder("landfall-").expect("a folder");
    let link = folder.path().join("landfall");
    symlink(PROGRAM, &link).expect("a link");
    assert!(fs::read_link(&link).is_ok());
    assert!(script(&link, "zsh").starts_with("#compdef landfall\n"));
    assert!(script(Path::new(PROGRAM), "zsh").starts_with("#compdef cargo-landfall\n"));
}
