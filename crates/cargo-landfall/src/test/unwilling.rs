//! EFI firmware that will not do what it is asked for: the debugger answers in its place. And firmware whose tables are not what they should be: the debugger changes them.

/// A boot service that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    ExitBootServices,
    GetMemoryMap,
    AllocatePages,
    /// `LocateProtocol`, for `RISCV_EFI_BOOT_PROTOCOL`.
    BootProtocol,
    /// `LoadFile2` of the initrd, where it is to give the bytes and not only their number. It is no boot service: `HandleProtocol` tells where it is.
    Initrd,
}

/// What fails, how and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unwilling {
    pub(super) service: Service,
    /// The status without its highest bit (UEFI 2.10, appendix D).
    pub(super) error: u64,
    pub(super) times: u32,
}

/// The first of its bytes tell this GUID from others that are asked for.
const BOOT_PROTOCOL: [u8; 8] = [0xec, 0x5f, 0xd1, 0xcc, 0x73, 0x6f, 0xec, 0x4e];

impl Unwilling {
    /// Where the table of boot services has it (UEFI 2.10, 4.4).
    pub(super) const fn offset(self) -> u64 {
        match self.service {
            Service::AllocatePages => 40,
            Service::GetMemoryMap => 56,
            Service::Initrd => 152,
            Service::ExitBootServices => 232,
            Service::BootProtocol => 320,
        }
    }

    /// Whether a call whose first argument points to `argument` is the one that fails.
    pub(super) fn is_meant(self, argument: &[u8]) -> bool {
        self.service != Service::BootProtocol || argument.starts_with(&BOOT_PROTOCOL)
    }

    /// The status.
    pub(super) const fn status(self) -> u64 {
        1 << 63 | self.error
    }
}

/// What is changed of the configuration tables before the image runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tables {
    /// Those of ACPI are hidden.
    Hidden,
    /// A byte of ACPI's list of tables is another.
    Damaged,
    /// A table that is none of ACPI's bears its name.
    Added,
}
