//! Policies that no machine could fulfill, and the errors of the build.

use landfall_paging::Mode::{self, Sv39, Sv48, Sv57};
use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::policy::{Impossible, LinearPin, Modes, Placement};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;
/// The last address that anything may have, and one more.
const END: u64 = (2 * MIB).wrapping_neg();

fn upper(mode: Mode) -> u64 {
    mode.upper_half().get()
}

fn sv39() -> Policy {
    Policy::new().with_modes(Sv39..=Sv39)
}

fn base(at: u64) -> Policy {
    sv39().with_linear_pin(Modes::All, LinearPin::Base(VirtAddr::new(at)))
}

fn offset(offset: u64) -> Policy {
    sv39().with_linear_pin(Modes::All, LinearPin::Offset(offset))
}

fn kernel(at: u64) -> Policy {
    sv39().with_kernel_pin(Modes::All, VirtAddr::new(at))
}

fn window(policy: &Policy, start: u64, size: u64) -> Policy {
    policy.with_window(Modes::All, VirtRange::new(VirtAddr::new(start), size))
}

/// Checks that [`Policy::check`] reports it, and that neither a build nor a reader takes the
/// record.
fn assert_refused(policy: &Policy, why: Impossible) {
    assert_eq!(policy.check(), Err(why), "{policy:?}");
    let built = std::panic::catch_unwind(|| policy.record());
    let payload = built.expect_err("no such record is built");
    let payload = payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()));
    assert_eq!(payload.as_deref(), Some(why.text()));
}

#[test]
fn a_linear_map_pinned_between_gibibytes_is_impossible() {
    assert_refused(&base(upper(Sv39) + 512 * MIB), Impossible::LinearPinMisaligned);
    assert_refused(&offset(upper(Sv39) + 4096), Impossible::LinearPinMisaligned);
}

#[test]
fn a_linear_map_pinned_outside_the_upper_half_is_impossible() {
    assert_refused(&base(upper(Sv39) - GIB), Impossible::LinearPinOutside);
    assert_refused(&base(0), Impossible::LinearPinOutside);
    // 56 bits of physical address lead from an offset to at most 2^56 further on.
    assert_refused(&offset(0), Impossible::LinearPinOutside);
    assert_refused(&offset(upper(Sv39) - (1 << 56) - GIB), Impossible::LinearPinOutside);
    assert_eq!(offset(upper(Sv39) - (1 << 49)).check(), Ok(()));
}

#[test]
fn a_linear_offset_that_two_instructions_do_not_make_is_impossible() {
    assert_refused(&offset(upper(Sv39) - (1 << 50) - GIB), Impossible::LinearOffsetNotRound);
    let in_57_bits =
        |at| Policy::new().with_modes(Sv57..=Sv57).with_linear_pin(Modes::All, LinearPin::Offset(at));
    assert_refused(&in_57_bits(upper(Sv57) + GIB), Impossible::LinearOffsetNotRound);
    assert_eq!(in_57_bits(upper(Sv57) + (1 << 37)).check(), Ok(()));
}

#[test]
fn a_kernel_pinned_between_multiples_of_2_mib_is_impossible() {
    assert_refused(&kernel(0xffff_ffff_8000_1000), Impossible::KernelPinMisaligned);
}

#[test]
fn a_kernel_pinned_where_it_does_not_fit_is_impossible() {
    for at in [0, upper(Sv39), upper(Sv39) + 128 * MIB, END, END - 2 * MIB, 0x20_0000_u64.wrapping_neg()] {
        assert_refused(&kernel(at), Impossible::KernelPinOutside);
    }
    assert_eq!(kernel(upper(Sv39) + 130 * MIB).check(), Ok(()));
    assert_refused(&kernel(END - 6 * MIB), Impossible::KernelPinOutside);
    assert_eq!(kernel(END - 8 * MIB).check(), Ok(()));
}

#[test]
fn a_kernel_pinned_below_the_linear_map_is_impossible() {
    let both = base(upper(Sv39) + 64 * GIB);
    let at = |at| both.with_kernel_pin(Modes::All, VirtAddr::new(at));
    assert_refused(&at(upper(Sv39) + 32 * GIB), Impossible::KernelBelowLinearMap);
    assert_refused(&at(upper(Sv39) + 64 * GIB), Impossible::KernelBelowLinearMap);
    assert_eq!(at(upper(Sv39) + 96 * GIB).check(), Ok(()));
}

#[test]
fn a_kernel_in_the_linear_map_has_no_pin_of_its_own() {
    let policy = kernel(0xffff_ffff_8000_0000).with_placement(Placement::LinearMap);
    assert_refused(&policy, Impossible::KernelPinInLinearMap);
}

#[test]
fn a_window_outside_the_upper_half_is_impossible() {
    for (start, size) in [
        (upper(Sv39), 0),
        (upper(Sv39) + 1, 4096),
        (upper(Sv39), 4097),
        (upper(Sv39) + 2048, 2048),
        (upper(Sv39) - 4096, 8192),
        (0x1000, 4096),
        (END - 4096, 8192),
        // From within the last 2 MiB on.
        (END, 4096),
        (END + 4096, 4096),
        (u64::MAX - 4095, 4096),
        (upper(Sv39), u64::MAX - 4095),
    ] {
        assert_refused(&window(&sv39(), start, size), Impossible::WindowOutside);
    }
    assert_eq!(window(&sv39(), END - 4096, 4096).check(), Ok(()));
}

#[test]
fn a_window_over_a_pin_is_impossible() {
    let at = upper(Sv39) + 64 * GIB;
    assert_refused(&window(&base(at), at, GIB), Impossible::WindowOverPin);
    let pin = 0xffff_ffff_8000_0000;
    assert_refused(&window(&kernel(pin), pin - GIB, 2 * GIB), Impossible::WindowOverPin);
    // Room for near region, image and stacks lies there, and guards beside it.
    assert_refused(&window(&kernel(pin), pin - 64 * MIB, 4096), Impossible::WindowOverPin);
    assert_refused(&window(&kernel(pin), pin - 132 * MIB, 4096), Impossible::WindowOverPin);
    assert_refused(&window(&kernel(pin), pin + 8 * MIB, 4096), Impossible::WindowOverPin);
    assert_eq!(window(&kernel(pin), pin - 132 * MIB - 4096, 4096).check(), Ok(()));
    assert_eq!(window(&kernel(pin), pin + 10 * MIB, 4096).check(), Ok(()));
}

#[test]
fn more_than_the_upper_half_holds_is_impossible() {
    assert_refused(&sv39().with_dynamic_size(96 * GIB), Impossible::TooLarge);
    assert_refused(&sv39().with_dynamic_size(u64::MAX), Impossible::TooLarge);
    // The kernel zone has 96 GiB. Two hold the kernel, and 128 MiB the near region.
    let most = 94 * GIB - 128 * MIB;
    assert_eq!(sv39().with_dynamic_size(most).check(), Ok(()));
    assert_refused(&sv39().with_dynamic_size(most + 4096), Impossible::TooLarge);
    assert_refused(&sv39().with_ram_limit(256 * GIB), Impossible::TooLarge);
    assert_refused(&sv39().with_ram_limit(!0 << 30), Impossible::TooLarge);
    assert_eq!(sv39().with_ram_limit(200 * GIB).check(), Ok(()));
    assert_eq!(Policy::new().with_modes(Sv48..=Sv57).with_dynamic_size(40 << 40).check(), Ok(()));
}

#[test]
fn settings_of_a_mode_that_the_policy_does_not_allow_do_not_matter() {
    let policy = Policy::new().with_kernel_pin(Modes::Only(Sv39), VirtAddr::new(1));
    assert_eq!(policy.with_modes(Sv48..=Sv57).check(), Ok(()));
    assert_refused(&policy, Impossible::KernelPinMisaligned);
}
