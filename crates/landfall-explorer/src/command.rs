//! The command line that prints the plan of a request.

use landfall_predict::shell::quoted;

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
