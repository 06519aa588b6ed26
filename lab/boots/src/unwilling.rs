//! EFI firmware that does not do what it is asked for, or says what nobody would expect: the
//! debugger answers in its place, or changes its answer. And firmware whose tables are not what
//! they should be: the debugger changes them.

use dtoolkit::model::DeviceTree;

use super::session::Session;

/// What the image asks firmware for.
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
    /// `LoadFile2` of the initrd, where it is to say how many bytes there are. It is no boot
    /// service: `HandleProtocol` tells where it is.
    InitrdSize,
    /// The same, where it is to give them.
    Initrd,
}

/// What the image is told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// This error: a status without its highest bit (UEFI 2.10, appendix D).
    Error(u64),
    /// What firmware says, and then this is done to it.
    Changed(fn(&mut Session, &Call) -> Result<(), String>),
}

/// A call of the image's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// `a0` to `a4`, as they were when it was made.
    pub(super) arguments: [u64; 5],
    /// Memory of the image's that it does not use under firmware: the end of its `.bss`, one page.
    pub(super) spare: u64,
}

/// What is answered, how often, and what must come of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unwilling {
    pub(super) service: Service,
    pub(super) answer: Answer,
    pub(super) times: u32,
    /// Done to the firmware's device tree before.
    pub(super) tree: Option<fn(&mut DeviceTree)>,
    pub(super) outcome: Outcome,
}

/// What must come of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// A refusal by this rule.
    Refused(&'static str),
    /// A landing, with a tree that this has nothing to say against.
    Landed(fn(&[u8]) -> Result<(), String>),
}

/// The first bytes of GUIDs, which tell them from others that are asked for.
const BOOT_PROTOCOL: [u8; 8] = [0xec, 0x5f, 0xd1, 0xcc, 0x73, 0x6f, 0xec, 0x4e];
const RNG: [u8; 8] = [0xa5, 0xbc, 0x52, 0x31, 0xde, 0xea, 0x3d, 0x43];
const GRAPHICS_OUTPUT: [u8; 8] = [0xde, 0xa9, 0x42, 0x90, 0xdc, 0x23, 0x38, 0x4a];
const LOADED_IMAGE: [u8; 8] = [0xa1, 0x31, 0x1b, 0x5b, 0x62, 0x95, 0xd2, 0x11];

impl Service {
    /// Where the table of boot services has it (UEFI 2.10, 4.4).
    pub(super) const fn offset(self) -> u64 {
        match self {
            Self::AllocatePages => 40,
            Self::GetMemoryMap => 56,
            Self::LoadedImage | Self::InitrdSize | Self::Initrd => 152,
            Self::ExitBootServices => 232,
            Self::BootProtocol | Self::Random | Self::Screen => 320,
        }
    }

    /// Whether a call with these arguments is the one that is meant.
    pub(super) fn is_meant(self, session: &mut Session, arguments: [u64; 5]) -> bool {
        // An argument need not point anywhere.
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
    /// A service that fails so often.
    pub(super) const fn failing(service: Service, error: u64, times: u32, outcome: Outcome) -> Self {
        Self { service, answer: Answer::Error(error), times, tree: None, outcome }
    }

    /// A service whose first answer is changed.
    pub(super) const fn changed(
        service: Service,
        change: fn(&mut Session, &Call) -> Result<(), String>,
        outcome: Outcome,
    ) -> Self {
        Self { service, answer: Answer::Changed(change), times: 1, tree: None, outcome }
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
