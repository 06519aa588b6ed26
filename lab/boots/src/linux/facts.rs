//! Lines of the first process (`lab/kernels/linux-init`) on the console.

/// The mark of its lines, behind the time that Linux prints.
const MARK: &str = "linux-init: ";

/// The machine, as a Linux saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) harts: u32,
    /// Bytes of all RAM.
    pub(super) ram: u64,
    /// True if there is the memory of a crashed kernel.
    pub(super) has_vmcore: bool,
    pub(super) line: String,
}

/// Returns what the first process printed, without the mark.
fn lines(console: &[String]) -> impl Iterator<Item = &str> {
    console.iter().filter_map(|line| Some(line.split_once(MARK)?.1))
}

impl Facts {
    /// Returns the facts of each Linux on the console, in their order.
    pub(super) fn all(console: &[String]) -> Vec<Self> {
        lines(console).filter_map(Self::read).collect()
    }

    fn read(line: &str) -> Option<Self> {
        let (numbers, line) = line.split_once(" line=")?;
        let value = |key: &str| numbers.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        Some(Self {
            harts: value("harts")?.parse().ok()?,
            ram: value("ram")?.parse().ok()?,
            has_vmcore: value("vmcore")? == "yes",
            line: line.to_owned(),
        })
    }
}

/// Returns the size of the core that the first process saved.
pub(super) fn core_size(console: &[String]) -> Option<u64> {
    lines(console).find_map(|line| line.strip_prefix("core=")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_each_linux_are_read() {
        let console = [
            "[    1.9] linux-init: harts=4 ram=1024 MemTotal=1 vmcore=no line=console=ttyS0 a=b".to_owned(),
            "[    1.9] linux-init: next=0x84000000 size=1 tree=0x1".to_owned(),
        ];
        let facts = Facts { harts: 4, ram: 1024, has_vmcore: false, line: "console=ttyS0 a=b".to_owned() };
        assert_eq!(Facts::all(&console), [facts]);
        assert_eq!(lines(&console).count(), 2);
    }
}
