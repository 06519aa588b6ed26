//! The limits of an audit.

/// The limits of an audit. They bound its time and its memory for any source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tables that are read, of all roots together. Each takes some bytes of memory.
    pub tables: usize,
    /// Further walks of tables that were walked before, of all roots together.
    pub repeats: usize,
    /// Further walks of one table: a page that many entries share leaves some walks for others.
    pub repeats_of_one: u16,
    /// Runs that are kept, of all roots together. Each takes 32 bytes, and 8 more for aliases.
    pub runs: usize,
    /// Runs among them that repeats add.
    pub runs_of_repeats: usize,
}

impl Default for Limits {
    /// 4 GiB of tables, and a quarter as many walks again, 64 of them of one table. 32 Mi runs, an
    /// eighth of them for repeats.
    fn default() -> Self {
        Self {
            tables: 1 << 20,
            repeats: 1 << 18,
            repeats_of_one: 64,
            runs: 1 << 25,
            runs_of_repeats: 1 << 22,
        }
    }
}
