//! A kernel with its own memory management. It lands with landfall and builds its own page tables.
//! All harts switch to them, and the frames of the landing's tables become free memory. Conversions
//! of addresses, stacks and the report stay correct.
//!
//! ```text
//! main.rs      takes the tables over, and checks
//! tables.rs    this kernel's page tables
//! ```
//!
//! It prints `landfall: test NAME ok` or `landfall: test NAME failed` for each.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod tables;

use core::arch::asm;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use landfall::address::{ImageAddr, LinearAddr, PhysAddr, PhysRange, VirtAddr, virt_to_phys};
use landfall::paging::{Access, EditError, LandedTables, Mapping};
use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

use tables::{Frames, OwnTables};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

/// The value of satp for the other harts; 0 before it is known.
static NEW_SATP: AtomicU64 = AtomicU64::new(0);
/// Harts that have left the landing's tables.
static SWITCHED: AtomicUsize = AtomicUsize::new(0);

/// A word that both mappings show: as part of the image, and in the linear map.
static WORD: AtomicU64 = AtomicU64::new(0x1234);

/// The UART of QEMU's `virt` machine: memory that is no RAM, so no landing maps it.
const UART: PhysAddr = PhysAddr::new(0x1000_0000);

fn main(landing: &'static Landing) -> ! {
    let Some(mut landed) = landing.take_tables() else { panic!("nobody else takes the tables") };
    report("taken-once", landing.take_tables().is_none());
    report("safe-edits", safe_edits_stay_in_their_regions(landing, &mut landed));

    let mut own = OwnTables::new(landed.mode(), landed.format(), Frames::of(landing));
    landed.mappings().for_each(|mapping| own.map(mapping));
    let uart = landing.plan().dynamic.start();
    own.map_device(uart, UART);

    let before = Views::now();
    NEW_SATP.store(own.satp(), Ordering::Release);
    switch(own.satp());
    let harts = landing.online_harts().len();
    while SWITCHED.load(Ordering::Acquire) < harts {
        core::hint::spin_loop();
    }
    // SAFETY: every hart that has landed has switched, and fenced.
    let frames = unsafe { landed.give_up() };

    report("conversions", before == Views::now());
    report("device", device_answers(uart));
    // A hart that still used the landing's tables would fault here.
    report("frames", overwrite(frames));
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

/// No frame.
struct NoFrames;

// SAFETY: it returns none.
unsafe impl landfall::paging::Frames for NoFrames {
    fn take(&mut self) -> Option<PhysAddr> {
        None
    }

    fn give_back(&mut self, _: PhysAddr) {}
}

/// Safe calls change only the dynamic and the near region of the landing's tables. The image, the
/// linear map, the stacks, their guards and the lower half stay unchanged.
fn safe_edits_stay_in_their_regions(landing: &Landing, landed: &mut LandedTables) -> bool {
    const PAGE: u64 = 4096;
    let plan = landing.plan();
    let image = ImageAddr::from_ptr(&raw const WORD).virt().align_down(PAGE);
    let linear = LinearAddr::from_phys(plan.block.start()).virt();
    let stack = VirtAddr::new(plan.stacks.top(HartIndex::BOOT).get() - PAGE);
    let (guard, lower) = (plan.stacks.virt, VirtAddr::new(0x1000_0000));
    let mut editor = landed.editor(NoFrames);
    let owned = [image, linear, stack, guard].into_iter().all(|virt| {
        let mapping = Mapping { virt, phys: UART, size: PAGE, access: Access::ReadWrite };
        let refused = Err(EditError::NotOwned { virt, size: PAGE });
        editor.map(mapping) == refused
            && editor.map_device(mapping) == refused
            && editor.protect(virt, PAGE, Access::ReadOnly) == refused
            && editor.unmap(virt, PAGE) == refused
    });
    let at = |virt| Mapping { virt, phys: UART, size: PAGE, access: Access::ReadWrite };
    owned
        && editor.map_device(at(lower)) == Err(EditError::LowerHalf { virt: lower, size: PAGE })
        && matches!(editor.map_device(at(plan.dynamic.start())), Err(EditError::OutOfFrames { found: 0, .. }))
        && matches!(editor.map_device(at(plan.near.start())), Err(EditError::OutOfFrames { found: 0, .. }))
}

fn second(_: &'static Landing, _: HartIndex) -> ! {
    let satp = loop {
        match NEW_SATP.load(Ordering::Acquire) {
            0 => core::hint::spin_loop(),
            satp => break satp,
        }
    };
    switch(satp);
    loop {
        // SAFETY: it waits.
        unsafe { asm!("wfi", options(nomem, nostack, preserves_flags)) };
    }
}

/// Leaves the landing's tables. Fetches go on where they are: both tables map the code at one
/// address.
fn switch(satp: u64) {
    // SAFETY: the tables hold everything that the landing's do.
    unsafe {
        asm!("sfence.vma", "csrw satp, {}", "sfence.vma", in(reg) satp, options(nostack, preserves_flags));
    };
    SWITCHED.fetch_add(1, Ordering::AcqRel);
}

/// One word, by every way that leads to it.
#[derive(PartialEq, Eq)]
struct Views {
    image: u64,
    phys: PhysAddr,
    linear: u64,
    either: [PhysAddr; 2],
}

impl Views {
    fn now() -> Self {
        let image = ImageAddr::from_ptr(&raw const WORD);
        let phys = image.to_phys();
        let linear = LinearAddr::from_phys(phys);
        // SAFETY: the word lies there, as RAM does in the linear map; others only read it.
        let there = unsafe { linear.as_ptr::<u64>().read_volatile() };
        Self {
            image: WORD.load(Ordering::Relaxed),
            phys,
            linear: there,
            either: [virt_to_phys(image.virt()), virt_to_phys(linear.virt())],
        }
    }
}

/// The UART's line status register, at offset 5: an idle transmitter sets bits 5
/// and 6 (16550 data sheet).
fn device_answers(uart: VirtAddr) -> bool {
    let register: *const u8 = core::ptr::with_exposed_provenance(uart.wrapping_add(5).get() as usize);
    // SAFETY: `map_device` has mapped the device's page there.
    unsafe { register.read_volatile() & 0x60 == 0x60 }
}

fn overwrite(frames: PhysRange) -> bool {
    let at = LinearAddr::from_phys(frames.start()).as_ptr::<u64>();
    let words = frames.size() as usize / 8;
    // SAFETY: the frames are this kernel's since `give_up`, and the linear map holds them.
    let frames = unsafe { core::slice::from_raw_parts_mut(at, words) };
    frames.fill(0x5a5a_5a5a_5a5a_5a5a);
    frames.iter().all(|word| *word == 0x5a5a_5a5a_5a5a_5a5a)
}

fn report(name: &str, holds: bool) {
    landfall::println!("landfall: test {name} {}", if holds { "ok" } else { "failed" });
}
