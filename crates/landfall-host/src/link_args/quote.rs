//! Words, as shells, Make and CMake take them.

/// Returns a word that a POSIX shell and a compiler's `@FILE` read as it is.
pub(super) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns a word that Make passes to a shell as it is.
pub(super) fn make(word: &str) -> String {
    shell(word).replace('$', "$$").replace('#', r"\#")
}

/// Returns a path that Make takes for one prerequisite.
pub(super) fn prerequisite(path: &str) -> String {
    path.replace('$', "$$").replace('#', r"\#").replace(' ', r"\ ").replace(':', r"\:")
}

/// Returns a quoted argument of CMake.
pub(super) fn cmake(word: &str) -> String {
    let escaped: String = word
        .chars()
        .flat_map(|c| matches!(c, '\\' | '"' | '$' | ';').then_some('\\').into_iter().chain([c]))
        .collect();
    format!("\"{escaped}\"")
}

/// Returns the words by which a compiler passes a word to its linker.
pub(super) fn through_compiler(word: &str) -> Vec<String> {
    if word.contains(',') {
        return vec!["-Xlinker".to_owned(), word.to_owned()];
    }
    vec![format!("-Wl,{word}")]
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const WORDS: [&str; 6] = ["-pie", "-T/a b/c", "a'b", "$HOME", "a\"b#c;d", ""];

    #[test]
    fn a_shell_reads_the_words_that_were_quoted() {
        let line: Vec<_> = WORDS.into_iter().map(shell).collect();
        let script = format!("printf '%s\\n' {}", line.join(" "));
        let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n", WORDS.join("\n")));
    }

    #[test]
    fn make_passes_the_words_that_were_quoted() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        let line: Vec<_> = WORDS.into_iter().map(make).collect();
        let text = format!("WORDS := {}\nall:\n\t@printf '%s\\n' $(WORDS)\n", line.join(" "));
        let file = folder.path().join("Makefile");
        std::fs::write(&file, text).expect("a file");
        let output = Command::new("make").arg("-f").arg(&file).output().expect("make");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n", WORDS.join("\n")));
    }

    #[test]
    fn cmake_gets_the_special_characters_escaped() {
        assert_eq!(cmake(r#"a;b"c$d\"#), r#""a\;b\"c\$d\\""#);
        assert_eq!(prerequisite("/a b/$c"), r"/a\ b/$$c");
        assert_eq!(through_compiler("-pie"), ["-Wl,-pie"]);
        assert_eq!(through_compiler("-T/a,b"), ["-Xlinker", "-T/a,b"]);
    }
}
