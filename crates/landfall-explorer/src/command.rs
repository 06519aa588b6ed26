//! The command line that prints the plan of a request.

use crate::recorded;
use crate::request::{Board, Machine, Request, Virt};

/// Returns the command line for `request`, with the kernel's name, if it has one.
pub(crate) fn line(request: &Request, kernel: Option<&str>) -> String {
    let mut words = Words(String::from("cargo landfall plan"));
    if let Some(kernel) = kernel.filter(|kernel| !kernel.is_empty()) {
        words.push(kernel);
    }
    match &request.machine {
        Machine::Virt(machine) => words.virt(machine),
        Machine::Board(board) => words.board(board),
        Machine::Facts(facts) => words.option("--facts", facts.file.as_deref().or(Some("facts.json"))),
    }
    for change in &request.policy {
        words.option("--policy", Some(change));
    }
    words.0
}

/// Words of a command line.
struct Words(String);

impl Words {
    fn push(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(&quoted(word));
    }

    fn option(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push(name);
            self.push(value);
        }
    }

    fn options(&mut self, name: &str, values: &[String]) {
        for value in values {
            self.option(name, Some(value));
        }
    }

    fn seed(&mut self, seed: Option<&str>) {
        match seed {
            Some("off") => self.push("--no-kaslr"),
            // No option repeats the seed of one boot.
            Some(seed) if seed.starts_with("rng:") => {}
            seed => self.option("--seed", seed),
        }
    }

    fn virt(&mut self, machine: &Virt) {
        let Virt { memory, harts, mode, seed, append, at } = machine;
        self.option("--memory", memory.as_deref());
        self.option("--harts", harts.map(|harts| harts.to_string()).as_deref());
        self.option("--mode", mode.as_deref());
        self.option("--at", at.as_deref());
        self.seed(seed.as_deref());
        self.append(append.as_deref());
    }

    fn board(&mut self, board: &Board) {
        let known = board.name.as_deref().and_then(recorded::board).map(|board| board.file);
        let file = board.file.as_deref().or(known.as_deref());
        self.option("--dtb", file.or(Some("board.dtb")));
        self.options("--memory", &board.memory);
        self.options("--reserve", &board.reserve);
        self.options("--no-map", &board.no_map);
        self.option("--initrd", board.initrd.as_deref());
        self.option("--at", board.at.as_deref());
        self.option("--tree-at", board.tree_at.as_deref());
        self.option("--boot-hart", board.boot_hart.map(|hart| hart.to_string()).as_deref());
        self.option("--memory-types", board.memory_types.as_deref());
        self.option("--mode", board.mode.as_deref());
        self.seed(board.seed.as_deref());
        self.append(board.append.as_deref());
    }

    /// A command line may begin with a hyphen.
    fn append(&mut self, append: Option<&str>) {
        if let Some(append) = append {
            self.push(&format!("--append={append}"));
        }
    }
}

/// Returns a word as a shell reads it. Characters that a reader does not see, such as those that
/// reverse the text after them, are escapes in a `$'...'` word.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=:.,/@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else if word.chars().all(is_visible) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        format!("$'{}'", word.chars().map(escaped).collect::<String>())
    }
}

/// The standard library knows Unicode's categories, and shows them only by escaping.
fn is_visible(letter: char) -> bool {
    matches!(letter, '\'' | '"' | '\\') || letter.escape_debug().count() == 1
}

fn escaped(letter: char) -> String {
    match letter {
        '\'' | '\\' => format!(r"\{letter}"),
        _ if is_visible(letter) => letter.to_string(),
        _ => format!(r"\U{:08x}", u32::from(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_word_as_it_was() {
        assert_eq!(quoted("window=0xfffffff000000000:16G@sv39"), "window=0xfffffff000000000:16G@sv39");
        assert_eq!(quoted("it's $HOME; rm"), r"'it'\''s $HOME; rm'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("é\\\""), "'é\\\"'");
    }

    #[test]
    fn a_reader_sees_each_character_of_a_word() {
        assert_eq!(quoted("a'\\\u{202e}b\r"), r"$'a\'\\\U0000202eb\U0000000d'");
        for hidden in ["\n", "\u{7f}", "\u{9b}", "\u{200b}", "\u{2028}", "\u{2066}", "\u{e0041}"] {
            let word = quoted(hidden);
            assert!(word.starts_with("$'") && !word.contains(hidden), "{word}");
        }
    }
}
