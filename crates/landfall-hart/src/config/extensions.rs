//! The optional extensions of harts, and their names.

/// Optional extensions of the harts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a name in the device tree")]
pub struct Extensions {
    /// Sstc: `stimecmp`.
    pub sstc: bool,
    /// Zicbom: `cbo.inval`, `cbo.clean`, `cbo.flush`.
    pub zicbom: bool,
    /// Zicboz: `cbo.zero`.
    pub zicboz: bool,
    /// Svnapot: leaves of 64 KiB.
    pub svnapot: bool,
    /// Svpbmt: memory types in leaves.
    pub svpbmt: bool,
    /// Svinval: `sinval.vma`.
    pub svinval: bool,
    /// Svadu: the hart sets A and D. Without it, Svade: they fault.
    pub svadu: bool,
    /// Svvptc: a hart sees a valid entry in place of an invalid one within bounded time.
    pub svvptc: bool,
    /// Ssdbltrp: a trap while SDT is set is a double trap.
    pub ssdbltrp: bool,
    /// Zkr: the CSR `seed`, for supervisor mode too, as Linux's binding of device trees promises.
    pub zkr: bool,
    /// The counter `time` is readable.
    pub time: bool,
    /// Misaligned loads and stores work.
    pub misaligned: bool,
}

impl Extensions {
    /// Each extension.
    pub const ALL: Self = Self {
        sstc: true,
        zicbom: true,
        zicboz: true,
        svnapot: true,
        svpbmt: true,
        svinval: true,
        svadu: true,
        svvptc: true,
        ssdbltrp: true,
        zkr: true,
        time: true,
        misaligned: true,
    };
}

impl Extensions {
    /// Returns the names of the extensions behind `imafdc`, in the order of the `riscv,isa` string.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let names = [
            ("zicbom", self.zicbom),
            ("zicboz", self.zicboz),
            ("zicclsm", self.misaligned),
            ("zicntr", self.time),
            ("zicsr", true),
            ("zifencei", true),
            ("zkr", self.zkr),
            ("ssdbltrp", self.ssdbltrp),
            ("sstc", self.sstc),
            ("sstvala", true),
            ("svade", !self.svadu),
            ("svadu", self.svadu),
            ("svinval", self.svinval),
            ("svnapot", self.svnapot),
            ("svpbmt", self.svpbmt),
            ("svvptc", self.svvptc),
        ];
        names.into_iter().filter_map(|(name, present)| present.then_some(name))
    }
}
