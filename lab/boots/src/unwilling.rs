//! EFI firmware that fails, or gives an unexpected answer: the debugger answers in its place, or
//! changes its answer. For firmware with wrong tables, the debugger changes the tables.

use dtoolkit::model::DeviceTree;

use super::session::Session;

/// A service that the image calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    ExitBootServices,
    GetMemoryMap,
    AllocatePages,
    /// `LocateProtocol`, for `RISCV_EFI_BOOT_PROTOCOL`.
    BootProtocol,
    /// The same for `EFI_RNG_PROTOCOL`.
    Random,
    /// The same for `EFI_GRAPHICS_OUTPUT_PROTOCOL`.
    Screen,
    /// `HandleProtocol`, for `EFI_LOADED_IMAGE_PROTOCOL`, which has the load options.
    LoadedImage,
    /// `LoadFile2` of the initrd, in the call for its size. It is not a boot service:
    /// `HandleProtocol` returns its address.
    InitrdSize,
    /// `LoadFile2` of the initrd, in the call for its bytes.
    Initrd,
}

/// The answer to the image.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// This error: a status without its highest bit (UEFI 2.10, appendix D).
    Error(u64),
    /// The firmware's answer, changed by this function.
    Changed(fn(&mut Session, &Call) -> Result<(), String>),
}

/// A call from the image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// `a0` to `a4`, at the call.
    pub(super) arguments: [u64; 5],
    /// Memory of the image that is unused under firmware: the last page of its `.bss`.
    pub(super) spare: u64,
}

/// A changed answer, the number of calls, and the expected outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unwilling {
    pub(super) service: Service,
    pub(super) answer: Answer,
    pub(super) times: u32,
    /// A change of the firmware's device tree before the call.
    pub(super) tree: Option<fn(&mut DeviceTree)>,
    pub(super) outcome: Outcome,
}

/// The expected outcome.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// A refusal by this rule.
    Refused(&'static str),
    /// A landing, with a tree that this function accepts.
    Landed(fn(&[u8]) -> Result<(), String>),
}

/// The first bytes of GUIDs, which distinguish them from other requested ones.
const BOOT_PROTOCOL: [u8; 8] = [0xec, 0x5f, 0xd1, 0xcc, 0x73, 0x6f, 0xec, 0x4e];
const RNG: [u8; 8] = [0xa5, 0xbc, 0x52, 0x31, 0xde, 0xea, 0x3d, 0x43];
const GRAPHICS_OUTPUT: [u8; 8] = [0xde, 0xa9, 0x42, 0x90, 0xdc, 0x23, 0x38, 0x4a];
const LOADED_IMAGE: [u8; 8] = [0xa1, 0x31, 0x1b, 0x5b, 0x62, 0x95, 0xd2, 0x11];

impl Service {
    /// Returns its offset in the table of boot services (UEFI 2.10, 4.4).
    pub(super) const fn offset(self) -> u64 {
        match self {
            Self::AllocatePages => 40,
            Self::GetMemoryMap => 56,
            Self::LoadedImage | Self::InitrdSize | Self::Initrd => 152,
            Self::ExitBootServices => 232,
            Self::BootProtocol | Self::Random | Self::Screen => 320,
        }
    }

    /// Returns true if a call with these arguments is for this service.
    pub(super) fn is_meant(self, session: &mut Session, arguments: [u64; 5]) -> bool {
        // An argument may be an invalid pointer.
        let mut begins = |at: u64, guid: [u8; 8]| session.read(at, 8).is_ok_and(|bytes| bytes == guid);
        match self {
            Self::BootProtocol => begins(arguments[0], BOOT_PROTOCOL),
            Self::Random => begins(arguments[0], RNG),
            Self::Screen => begins(arguments[0], GRAPHICS_OUTPUT),
            Self::LoadedImage => begins(arguments[1], LOADED_IMAGE),
            // A caller of LoadFile2 without a buffer asks for the size (UEFI 2.10, 13.2).
            Self::InitrdSize => arguments[4] == 0,
            Self::Initrd => arguments[4] != 0,
            Self::ExitBootServices | Self::GetMemoryMap | Self::AllocatePages => true,
        }
    }
}

impl Unwilling {
    /// Returns a service that fails `times` times.
    pub(super) const fn failing(service: Service, error: u64, times: u32, outcome: Outcome) -> Self {
        Self { service, answer: Answer::Error(error), times, tree: None, outcome }
    }

    /// Returns a service whose first answer is changed.
    pub(super) const fn changed(
        service: Service,
        change: fn(&mut Session, &Call) -> Result<(), String>,
        outcome: Outcome,
    ) -> Self {
        Self { service, answer: Answer::Changed(change), times: 1, tree: None, outcome }
    }
}

/// A change of the configuration tables before the image runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tables {
    /// ACPI's tables are hidden.
    Hidden,
    /// A byte of ACPI's list of tables is changed.
    Damaged,
    /// A table of another kind has ACPI's GUID.
    Added,
}
