//! EFI firmware that fails, or gives an unexpected answer. U-Boot reaches the image sooner than
//! EDK2; EDK2 boots the cases for data that U-Boot also passes in the tree.

use super::{Case, GIB, Matrix, machine};
use crate::case::{Expect, Load};
use crate::devicetree::{self, chosen};
use crate::efi::Way;
use crate::session::Session;
use crate::unwilling::Outcome::{Landed, Refused};
use crate::unwilling::{Call, Outcome, Service, Unwilling};
use landfall_host::machine::Mode;

const DEVICE_ERROR: u64 = 7;
const NOT_FOUND: u64 = 14;

/// The size of the initrd of EDK2's `-kernel`.
const INITRD: u64 = 10_001;

impl Matrix {
    /// Adds all of these cases.
    pub(crate) fn unwilling(&mut self) {
        const ALWAYS: u32 = 8;
        let fails = Unwilling::failing;
        let exit = |times, outcome| fails(Service::ExitBootServices, 2, times, outcome);
        self.answered("exit-once", Way::UBoot, exit(1, LANDED));
        self.answered("exit-always", Way::UBoot, exit(ALWAYS, Refused("R24")));
        self.answered("memory-map", Way::UBoot, fails(Service::GetMemoryMap, 2, 1, Refused("R23")));
        self.answered("memory", Way::UBoot, fails(Service::AllocatePages, 9, 1, Refused("R23")));
        // EDK2's `-kernel` has an initrd.
        let initrd = fails(Service::Initrd, DEVICE_ERROR, 1, Refused("R22"));
        self.answered("initrd", Way::Edk2Kernel, initrd);
        let hart = |outcome| fails(Service::BootProtocol, NOT_FOUND, 1, outcome);
        self.answered("hart", Way::Edk2Kernel, hart(Refused("R21")));
        self.answered("hart-of-tree", Way::UBoot, hart(LANDED));
        self.harts_of_trees();
        self.strange_answers();
    }

    fn answered(&mut self, name: &str, way: Way, unwilling: Unwilling) -> &mut Case {
        let mut machine = machine(Mode::Sv48, 1, GIB);
        machine.properties.extend(way.described_by().map(str::to_owned));
        let mut case = Case::new(format!("efi/unwilling/{name}"), "hello", machine);
        case.load = Load::Efi(way);
        let rule = match unwilling.outcome {
            Refused(rule) => rule,
            Landed(_) => "landed",
        };
        self.cases.push(case.expecting(Expect::Unwilling(unwilling)).on("rule", rule));
        let last = self.cases.len() - 1;
        &mut self.cases[last]
    }

    /// Adds trees that alone name the boot hart, in one cell or in two; it is not the first hart.
    fn harts_of_trees(&mut self) {
        let mut case = |name: &str, mode, hart, tree| {
            let unwilling = Unwilling {
                tree: Some(tree),
                ..Unwilling::failing(Service::BootProtocol, NOT_FOUND, 1, LANDED)
            };
            let case = self.answered(name, Way::UBoot, unwilling);
            (case.machine, case.boot_hart) = (machine(mode, 4, GIB), Some(hart));
        };
        case("hart-in-one-cell", Mode::Sv39, 3, |tree| {
            devicetree::set_boot_hart(tree, &3_u32.to_be_bytes());
        });
        case("hart-in-two-cells", Mode::Sv57, 2, |tree| {
            devicetree::set_boot_hart(tree, &2_u64.to_be_bytes());
        });
    }

    /// Adds numbers that no correct firmware returns.
    fn strange_answers(&mut self) {
        let changed = Unwilling::changed;
        let empty = changed(Service::InitrdSize, |session, call| say_size(session, call, 0), NO_INITRD);
        self.answered("initrd-empty", Way::Edk2Kernel, empty);
        let whole = Landed(|tree| initrd_is(tree, Some(INITRD)));
        let shrinks =
            changed(Service::InitrdSize, |session, call| say_size(session, call, 3 * INITRD), whole);
        self.answered("initrd-shrinks", Way::Edk2Kernel, shrinks);
        let grows =
            changed(Service::InitrdSize, |session, call| say_size(session, call, INITRD - 1), Refused("R22"));
        self.answered("initrd-grows", Way::Edk2Kernel, grows);
        let more = changed(Service::Initrd, |session, call| say_size(session, call, 1 << 20), Refused("R22"));
        self.answered("initrd-beyond-its-memory", Way::Edk2Kernel, more);
        let all =
            changed(Service::InitrdSize, |session, call| say_size(session, call, u64::MAX), Refused("R23"));
        self.answered("initrd-of-all-memory", Way::Edk2Kernel, all).words = Some("initrd".into());
        let map = changed(
            Service::GetMemoryMap,
            |session, call| session.write(call.arguments[0], &u64::MAX.to_le_bytes()),
            Refused("R23"),
        );
        self.answered("memory-map-of-all-memory", Way::UBoot, map);
        let screen = changed(Service::Screen, say_screen, NO_SCREEN);
        let case = self.answered("screen", Way::Edk2Kernel, screen);
        case.machine.extra = ["-device", "ramfb"].map(Into::into).to_vec();
        // No other seed is left: U-Boot has removed QEMU's from the tree.
        let random = Unwilling::failing(Service::Random, NOT_FOUND, 1, NO_SEED);
        let case = self.answered("random", Way::UBoot, random);
        case.machine.extra = ["-device", "virtio-rng-device"].map(Into::into).to_vec();
        self.load_options();
    }

    /// Adds odd load options: an image can be started with any.
    fn load_options(&mut self) {
        let odd = Landed(|tree| command_line_is(tree, "a=b \u{fffd} c".as_bytes()));
        let odd = Unwilling::changed(
            Service::LoadedImage,
            |session, call| {
                // The text has no end, half of a surrogate pair, and half of a character.
                let mut bytes: Vec<u8> = "a=b ".encode_utf16().flat_map(u16::to_le_bytes).collect();
                bytes.extend([0x00, 0xd8, b' ', 0, b'c', 0, b'd']);
                say_options(session, call, &bytes, 15)
            },
            odd,
        );
        self.answered("options-odd", Way::UBoot, odd);
        let long = Unwilling::changed(
            Service::LoadedImage,
            |session, call| say_options(session, call, b"q\0=\0\x31\0\0\0", u32::MAX),
            Landed(|tree| command_line_is(tree, b"q=1")),
        );
        self.answered("options-of-all-memory", Way::UBoot, long);
    }
}

const LANDED: Outcome = Landed(|_| Ok(()));
const NO_INITRD: Outcome = Landed(|tree| initrd_is(tree, None));
const NO_SCREEN: Outcome = Landed(|tree| {
    let wrong = devicetree::has_framebuffer(tree);
    if wrong { Err("the tree has a framebuffer".to_owned()) } else { Ok(()) }
});
const NO_SEED: Outcome = Landed(|tree| match chosen(tree, "rng-seed") {
    None => Ok(()),
    Some(seed) => Err(format!("the tree has {} bytes of seeds", seed.len())),
});

fn initrd_is(tree: &[u8], size: Option<u64>) -> Result<(), String> {
    let place = |name| chosen(tree, name)?.try_into().ok().map(u64::from_be_bytes);
    let found = match (place("linux,initrd-start"), place("linux,initrd-end")) {
        (Some(start), Some(end)) => Some(end.wrapping_sub(start)),
        _ => None,
    };
    if found == size { Ok(()) } else { Err(format!("the initrd has {found:?} bytes, expected {size:?}")) }
}

fn command_line_is(tree: &[u8], right: &[u8]) -> Result<(), String> {
    let found = chosen(tree, "bootargs").unwrap_or_default();
    let is_right = found.strip_suffix(b"\0") == Some(right);
    if is_right { Ok(()) } else { Err(format!("the command line is {:?}", String::from_utf8_lossy(&found))) }
}

/// Makes `LoadFile2` return another size (UEFI 2.10, 13.2).
fn say_size(session: &mut Session, call: &Call, size: u64) -> Result<(), String> {
    session.write(call.arguments[3], &size.to_le_bytes())
}

/// Replaces the image's load options and states `size` bytes for them (UEFI 2.10, 9.1).
fn say_options(session: &mut Session, call: &Call, options: &[u8], size: u32) -> Result<(), String> {
    let loaded = session.read_word(call.arguments[2])?;
    session.write(call.spare, options)?;
    session.write(loaded + 48, &size.to_le_bytes())?;
    session.write(loaded + 56, &call.spare.to_le_bytes())
}

/// States more rows for the screen than its memory holds (UEFI 2.10, 12.9).
fn say_screen(session: &mut Session, call: &Call) -> Result<(), String> {
    let protocol = session.read_word(call.arguments[2])?;
    let mode = session.read_word(protocol + 24)?;
    let info = session.read_word(mode + 8)?;
    session.write(info + 8, &0x7fff_ffff_u32.to_le_bytes())
}
