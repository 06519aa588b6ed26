//! The instructions of the start of another kernel, up to its first one, by the sizes of its image
//! and its initrd. Each boot is followed from outside.

use std::fs;
use std::time::Duration;

use anyhow::Error;
use landfall_host::machine::{Harts, Machine, Memory, Mode};
use landfall_host::qemu::Qemu;
use landfall_predict::units::Size;

use super::archive;
use super::judge;
use super::kernels::KERNELS;
use super::session::{Session, as_text};

/// Bytes of the images.
const IMAGES: [usize; 4] = [1 << 16, 1 << 20, 8 << 20, 32 << 20];

/// Bytes of the initrd that stays in its place.
const INITRD: usize = 32 << 20;

const TIME: Duration = Duration::from_secs(240);

/// The cost of one start.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Bytes of the image.
    pub image: u64,
    /// Bytes of the initrd, which lies in its place already.
    pub initrd: u64,
    /// Instructions of the plan, and of the stop of interrupts.
    pub plan: u64,
    /// Instructions from the old address space to the next kernel's first instruction.
    pub jump: u64,
}

/// Starts an image of each size from the kernel `kexec`, on one hart in sv39.
///
/// # Errors
/// Fails if the kernel does not build, or does not start the image.
pub fn measure(qemu: &Qemu) -> Result<Vec<Cost>, Error> {
    let with_initrd = [(IMAGES[1], INITRD)];
    let sizes = IMAGES.map(|image| (image, 0)).into_iter().chain(with_initrd);
    sizes.map(|(image, initrd)| start(qemu, image, initrd).map_err(Error::msg)).collect()
}

fn start(qemu: &Qemu, image: usize, initrd: usize) -> Result<Cost, String> {
    let kernel = KERNELS.get("kexec")?;
    let folder = as_text(landfall_host::private::folder("landfall-test-"))?;
    let path = folder.path().join("initrd");
    let (next, more) = (with_header(image), vec![0x5a; initrd]);
    let mut files = vec![("landfall/next", next.as_slice())];
    files.extend((initrd != 0).then_some(("landfall/next-initrd", more.as_slice())));
    as_text(fs::write(&path, archive::of(&files)))?;
    let machine = Machine {
        kernel: Some(kernel.flat.clone()),
        initrd: Some(path),
        mode: Some(Mode::Sv39),
        harts: Harts::MIN,
        memory: Memory::One(Size(1 << 30)),
        append: Some("landfall.then nokaslr".into()),
        extra: ["-icount", "shift=0"].map(Into::into).to_vec(),
        ..Machine::default()
    };
    let mut session = Session::start(qemu, &machine, folder.path(), TIME)?;
    let entry = session.enter(landfall_host::place::DEFAULT.0, &kernel.image, None)?;
    let mut landed = judge::leap(&mut session, &kernel.image, &entry)?;
    landed.go_to_main(&mut session, &kernel.image)?;
    let reach = |session: &mut Session, at: u64| {
        session.remove_all_breakpoints()?;
        session.set_breakpoint(at)?;
        session.go()?.ok_or_else(|| format!("the machine ended before {at:#x}"))?;
        as_text(session.gdb.register("instret"))
    };
    let called = landed.address_of(&kernel.image, "kexec_start")?;
    let leave = landed.address_of(&kernel.image, "landfall_kexec_leave")?;
    let called = reach(&mut session, called)?;
    let left = reach(&mut session, leave)?;
    let next = as_text(session.gdb.register("a3"))?;
    let entered = reach(&mut session, next)?;
    let (image, initrd) = (image as u64, initrd as u64);
    Ok(Cost { image, initrd, plan: left - called, jump: entered - left })
}

/// Returns an image that has a boot header and nothing else.
fn with_header(size: usize) -> Vec<u8> {
    use landfall_image::header::{MAGIC, MAGIC2, TEXT_OFFSET, VERSION};
    let mut image = vec![0; size];
    let mut put = |offset: usize, bytes: &[u8]| image[offset..offset + bytes.len()].copy_from_slice(bytes);
    put(0x08, &TEXT_OFFSET.to_le_bytes());
    put(0x10, &(size as u64).to_le_bytes());
    put(0x20, &VERSION.to_le_bytes());
    put(0x30, &MAGIC.to_le_bytes());
    put(0x38, &MAGIC2.to_le_bytes());
    image
}
