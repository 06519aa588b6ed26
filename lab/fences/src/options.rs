//! Options of the command.

use landfall_hart::liberty::{Liberties, UnknownLiberty};

/// The text for an invalid command.
pub(crate) const HELP: &str = "\
usage: cargo fences [--liberties NAME,...] [KERNEL] sites
       cargo fences [--liberties NAME,...] [KERNEL] landings COUNT [FIRST SEED]
       cargo fences [--liberties NAME,...] [KERNEL] subsets SEEDS [WORD OF A PLACE ...]
       cargo fences [--liberties NAME,...] [KERNEL] mutants SEEDS [WORD OF A PLACE ...]
       cargo fences [--liberties NAME,...] [KERNEL] sources SEEDS [WORD OF A PLACE ...]
       cargo fences [--liberties NAME,...] [KERNEL] explain SEED [OFFSET OF A FENCE TO LEAVE OUT ...]
       cargo fences [--liberties NAME,...] soak GENERATIONS [FIRST SEED]

KERNEL is hello, space, modules, kexec, or another kernel that prints a report; hello by default.
NAME is a liberty, or a set of them: plain, worst or errata; worst by default.";

/// The first words of the commands.
const COMMANDS: [&str; 7] = ["sites", "landings", "subsets", "mutants", "sources", "explain", "soak"];

/// The options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// The package of the kernel.
    pub(crate) kernel: String,
    /// The liberties of each machine.
    pub(crate) liberties: Liberties,
    /// The command and its arguments.
    pub(crate) words: Vec<String>,
}

impl Options {
    /// Parses arguments.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, UnknownLiberty> {
        let mut arguments = arguments.peekable();
        let liberties = match arguments.next_if(|argument| argument == "--liberties") {
            Some(_) => liberties(&arguments.next().unwrap_or_default())?,
            None => Liberties::worst(),
        };
        let kernel = arguments.next_if(|argument| !COMMANDS.contains(&argument.as_str()));
        let kernel = kernel.unwrap_or_else(|| "hello".to_owned());
        Ok(Self { kernel, liberties, words: arguments.collect() })
    }
}

/// Returns the union of liberties and sets of them.
fn liberties(names: &str) -> Result<Liberties, UnknownLiberty> {
    names.split(',').try_fold(Liberties::PLAIN, |all, name| {
        Ok(match name {
            "plain" => all,
            "worst" => all.iter().chain(Liberties::worst().iter()).collect(),
            "errata" => all.iter().chain(Liberties::errata().iter()).collect(),
            name => all.with(name.parse()?),
        })
    })
}

#[cfg(test)]
mod tests {
    use landfall_hart::liberty::Liberty;

    use super::*;

    fn parse(text: &str) -> Result<Options, UnknownLiberty> {
        Options::parse(text.split(' ').map(str::to_owned))
    }

    #[test]
    fn kernel_and_liberties_have_defaults() {
        let options = parse("landings 10").expect("no liberty is named");
        assert_eq!((options.kernel.as_str(), options.liberties), ("hello", Liberties::worst()));
        assert_eq!(options.words, ["landings", "10"]);
        assert_eq!(parse("space sites").expect("no liberty is named").kernel, "space");
    }

    #[test]
    fn liberties_and_sets_are_added() {
        let of = |names: &str| parse(&format!("--liberties {names} sites")).map(|options| options.liberties);
        assert_eq!(of("plain"), Ok(Liberties::PLAIN));
        assert_eq!(of("worst,errata"), Ok(Liberty::ALL.iter().copied().collect()));
        let two = Liberties::PLAIN.with(Liberty::Cip1200).with(Liberty::StaleLeaf);
        assert_eq!(of("cip-1200,stale-leaf"), Ok(two));
        assert!(of("stale").is_err());
    }
}
