//! A machine's RAM.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use super::argument::{escape_commas, option};
use landfall_predict::units::Size;

/// The machine's RAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memory {
    /// One memory node.
    One(Size),
    /// One memory node whose bytes are those of a file, which is created if it is missing. The
    /// kernel finds its content, and leaves its own.
    File {
        /// The file.
        path: PathBuf,
        /// Bytes in it.
        size: Size,
    },
    /// A memory node for each (NUMA); harts are spread over them. QEMU wants at least as many harts
    /// as nodes.
    Nodes(Vec<Size>),
    /// Three memory nodes, the one in the middle ROM: the machine's tree calls it memory, and
    /// stores there are lost. QEMU wants at least three harts.
    Rom {
        /// Bytes of RAM below, of ROM, and of RAM above.
        sizes: [Size; 3],
        /// The ROM's bytes, a file.
        path: PathBuf,
    },
}

impl Memory {
    /// All bytes.
    #[must_use]
    pub fn total(&self) -> Size {
        match self {
            Self::One(size) | Self::File { size, .. } => *size,
            Self::Nodes(sizes) => Size(sizes.iter().fold(0, |sum, size| sum.saturating_add(size.0))),
            Self::Rom { sizes, .. } => Size(sizes.iter().fold(0, |sum, size| sum.saturating_add(size.0))),
        }
    }

    /// Returns the time that QEMU needs before a machine of this size starts. No time limit of the
    /// machine counts it. 64 TiB took 27 s on two busy cores.
    #[must_use]
    pub fn preparation(&self) -> Duration {
        Duration::from_secs(self.total().0 >> 40)
    }

    /// Returns the bytes of the host that QEMU writes before the machine starts. They are three
    /// bits for each page, also for pages that the machine never touches.
    #[must_use]
    pub fn bookkeeping(&self) -> Size {
        const PAGE: u64 = 4096;
        Size((self.total().0 / PAGE).saturating_mul(3) / 8)
    }

    /// Returns the arguments for RAM that the host need not have: `reserve=off` promises nothing
    /// for pages not touched.
    pub(super) fn arguments(&self, machine: &mut OsString) -> Vec<OsString> {
        let mut arguments = Vec::new();
        option(&mut arguments, "-m", Some(&format!("{}B", self.total().0)));
        let backend =
            |name: &str, size: &Size| format!("memory-backend-ram,id={name},size={}B,reserve=off", size.0);
        match self {
            Self::One(size) => {
                machine.push(",memory-backend=ram");
                option(&mut arguments, "-object", Some(&backend("ram", size)));
            }
            Self::File { path, size } => {
                machine.push(",memory-backend=ram");
                let mut backend = OsString::from("memory-backend-file,id=ram,share=on,mem-path=");
                backend.push(escape_commas(path.as_os_str()));
                backend.push(format!(",size={}B", size.0));
                option(&mut arguments, "-object", Some(&backend));
            }
            Self::Nodes(sizes) => {
                for (node, size) in sizes.iter().enumerate() {
                    add_node(&mut arguments, node, backend(&format!("ram{node}"), size).as_ref());
                }
            }
            Self::Rom { sizes, path } => {
                let [below, rom, above] = sizes;
                let mut file = OsString::from("memory-backend-file,id=ram1,readonly=on,rom=on,mem-path=");
                file.push(escape_commas(path.as_os_str()));
                file.push(format!(",size={}B", rom.0));
                let nodes = [backend("ram0", below).into(), file, backend("ram2", above).into()];
                for (node, backend) in nodes.into_iter().enumerate() {
                    add_node(&mut arguments, node, &backend);
                }
            }
        }
        arguments
    }
}

/// Adds a node, whose memory `backend` describes under the name `ram` and the node's number.
fn add_node(arguments: &mut Vec<OsString>, node: usize, backend: &OsStr) {
    option(arguments, "-object", Some(backend));
    option(arguments, "-numa", Some(&format!("node,nodeid={node},memdev=ram{node}")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn each_node_has_its_memory() {
        let memory = Memory::Nodes(vec![Size::mib(64), Size::mib(192)]);
        let machine = Machine { memory, ..Machine::default() };
        let arguments = machine.arguments();
        let has = |pair: [&str; 2]| arguments.windows(2).any(|window| window == pair.map(OsString::from));
        assert!(has(["-m", "268435456B"]));
        assert!(has(["-numa", "node,nodeid=1,memdev=ram1"]));
        assert!(has(["-object", "memory-backend-ram,id=ram1,size=201326592B,reserve=off"]));
    }

    #[test]
    fn only_a_large_machine_needs_time_and_host_memory_before_it_starts() {
        let small = Memory::One(Size::gib(1));
        assert_eq!((small.preparation(), small.bookkeeping()), (Duration::ZERO, Size(98304)));
        let large = Memory::Nodes(vec![Size::gib(32 << 10), Size::gib(32 << 10)]);
        assert_eq!((large.preparation().as_secs(), large.bookkeeping()), (64, Size::gib(6)));
    }

    #[test]
    fn rom_lies_between_ram() {
        let memory = Memory::Rom { sizes: [64, 32, 16].map(Size::mib), path: "a,b".into() };
        assert_eq!(memory.total(), Size::mib(112));
        let arguments = Machine { memory, ..Machine::default() }.arguments();
        let rom = "memory-backend-file,id=ram1,readonly=on,rom=on,mem-path=a,,b,size=33554432B";
        let place = |word: &str| arguments.iter().position(|argument| argument == word);
        let nodes = [0, 1, 2].map(|node| place(&format!("node,nodeid={node},memdev=ram{node}")));
        assert!(place(rom).is_some() && nodes.is_sorted() && nodes[0].is_some(), "{arguments:?}");
    }
}
