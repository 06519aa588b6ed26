//! The checks of each generation: a landing is as whole as the first one, and no memory is lost.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::memory::RamUse;
use landfall::plan::KaslrState;
use landfall::{Landing, paging::Mode};

/// `.bss`, which each generation finds zero and leaves full.
static ZEROS: [AtomicU64; 512] = [const { AtomicU64::new(0) }; 512];

/// `.data`, which each generation finds as in the file and changes.
static WORD: AtomicU64 = AtomicU64::new(FIRST);
const FIRST: u64 = 0x0123_4567_89ab_cdef;

/// The numbers that the command line hands on.
#[derive(Clone, Copy)]
pub(crate) struct State {
    /// Generations to come.
    pub(crate) left: u64,
    /// Bytes of RAM that are free or this kernel's own.
    ram: u64,
    harts: u64,
    /// Bits of the seed.
    seed: u64,
    /// A checksum of the initrd.
    initrd: u64,
    /// The best mode of the machine.
    pub(crate) best: Mode,
}

impl State {
    /// Checks this generation against the one before.
    pub(crate) fn of(landing: &'static Landing) -> Self {
        assert!(ZEROS.iter().all(|word| word.swap(!0, Ordering::Relaxed) == 0), ".bss is not zero");
        assert_eq!(WORD.swap(0, Ordering::Relaxed), FIRST, ".data is not that of the file");
        let number = |key| word(landing, key).and_then(|number| number.parse().ok());
        let best = word(landing, "kexec.best=").and_then(Mode::from_name).unwrap_or(landing.mode());
        let initrd =
            landfall_kexec::sum(initrd(landing).as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
        let (ram, harts) = (ram(landing), landing.online_harts().len() as u64);
        let left = number("kexec.left=").unwrap_or(0);
        let seed = match &landing.plan().kaslr {
            KaslrState::Random(seed) => u64::from(seed.bits),
            _ => 0,
        };
        let state = Self { left, ram, harts, seed, initrd, best };
        if let Some(before) = number("kexec.ram=") {
            assert_eq!(ram, before, "bytes of RAM");
            assert_eq!(Some(harts), number("kexec.harts="), "harts");
            assert_eq!(Some(initrd), number("kexec.initrd="), "the initrd");
            assert_eq!(Some(seed), number("kexec.seed="), "a generation has as good a seed as the first one");
            assert_ne!(seed, 0, "a generation has a seed");
        }
        state
    }

    /// Writes the command line of the next generation.
    pub(crate) fn write_next(
        self,
        landing: &'static Landing,
        mode: Mode,
        line: &mut impl fmt::Write,
    ) -> fmt::Result {
        for kept in ["kexec.plic", "kexec.imsic"] {
            if word(landing, kept).is_some() {
                write!(line, "{kept} ")?;
            }
        }
        let Self { left, ram, harts, seed, initrd, best } = self;
        let left = left - 1;
        write!(
            line,
            "kexec.left={left} kexec.ram={ram} kexec.harts={harts} kexec.seed={seed} kexec.initrd={initrd} kexec.best={best} landfall.mode={mode}"
        )
    }
}

/// Returns the initrd.
pub(crate) fn initrd(landing: &'static Landing) -> &'static [u8] {
    landing.initrd().expect("the tests pass an initrd on")
}

/// Returns the bytes of RAM that are free or of this kernel's own use. A loader may have put the
/// tree beyond the reach, and no next kernel can use that memory.
fn ram(landing: &Landing) -> u64 {
    let is_ours = |usage| !matches!(usage, RamUse::Firmware | RamUse::Reserved | RamUse::Unreached);
    let reach = landing.plan().linear.reach;
    let ours = landing.ram().filter(|part| is_ours(part.usage) && reach.contains(part.range));
    ours.map(|part| part.range.size()).sum()
}

/// Returns the rest of the word on the command line that begins with `key`.
pub(crate) fn word(landing: &'static Landing, key: &str) -> Option<&'static str> {
    landing.command_line().as_str()?.split(' ').find_map(|word| word.strip_prefix(key))
}
