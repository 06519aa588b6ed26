//! The rules by which requests are found.

mod machine;

use landfall_limine::{BaseRevision, Facts, Feature, PagingModes, Refusal};
use landfall_paging::{Mode, VirtAddr};
use machine::{BOOT_HART, END, ENTRY, Kernel, LINEAR, MODE, MODULES, START, TAG, UNANSWERED};

#[test]
fn a_kernel_without_a_word_of_the_protocol_is_not_one_of_it() {
    assert!(Kernel::default().find().expect("no fault").is_none());
    assert!(Kernel(vec![7; 1000]).find().expect("no fault").is_none());
}

#[test]
fn requests_without_a_tag_mean_base_revision_0_which_is_refused() {
    assert_eq!(Kernel::default().request(LINEAR, 0, &[]).find().expect_err("refused"), Refusal::NoTag);
}

#[test]
fn base_revisions_below_3_are_refused_by_name() {
    for asked in 0..3 {
        let refusal = Kernel::of_revision(asked).find().expect_err("refused");
        assert_eq!(refusal, Refusal::BaseRevision { asked });
        assert!(refusal.to_string().contains(&format!("base revision {asked};")), "{refusal}");
    }
}

#[test]
fn base_revisions_from_3_to_6_are_kept_and_newer_ones_get_6() {
    for (asked, expected) in [(3, 3), (4, 4), (5, 5), (6, 6), (7, 6), (u64::MAX, 6)] {
        let requests = Kernel::of_revision(asked).find().expect("no fault").expect("a tag");
        assert_eq!(requests.base_revision().number(), expected);
        assert_eq!(requests.has_asked_revision(), asked == expected);
        let machine = Kernel::of_revision(asked).answer(&Facts::UNKNOWN).expect("answers");
        let left = if asked == expected { 0 } else { asked };
        assert_eq!(machine.tag(), [TAG[0], expected, left]);
    }
    assert_eq!(BaseRevision::HIGHEST.number(), 6);
}

#[test]
fn the_delimiters_limit_tags_and_requests() {
    let kernel = Kernel::default()
        .request(LINEAR, 0, &[])
        .words(&[TAG[0], TAG[1], 2])
        .words(&START)
        .request(LINEAR, 0, &[])
        .words(&START)
        .words(&[TAG[0], TAG[1], 3])
        .request(BOOT_HART, 0, &[])
        .words(&END)
        .request(BOOT_HART, 0, &[])
        .words(&END);
    let requests = kernel.find().expect("no fault").expect("a tag");
    assert!(requests.wants(Feature::BootHart) && !requests.wants(Feature::Hhdm));
    assert_eq!(requests.base_revision(), BaseRevision::R3);
}

#[test]
fn one_delimiter_limits_one_side() {
    let start = Kernel::default().request(LINEAR, 0, &[]).words(&START).words(&[TAG[0], TAG[1], 3]);
    assert!(!start.find().expect("no fault").expect("a tag").wants(Feature::Hhdm));
    let end = Kernel::of_revision(3).words(&END).request(LINEAR, 0, &[]);
    assert!(!end.find().expect("no fault").expect("a tag").wants(Feature::Hhdm));
}

#[test]
fn delimiters_in_the_wrong_order_are_refused() {
    let kernel = Kernel::of_revision(3).words(&END).words(&START);
    assert_eq!(kernel.find().expect_err("refused"), Refusal::Delimiters { end: 32, start: 48 });
}

#[test]
fn two_tags_are_refused() {
    let kernel = Kernel::of_revision(3).words(&[TAG[0], TAG[1], 3]);
    assert_eq!(kernel.find().expect_err("refused"), Refusal::SecondTag { first: 8, second: 32 });
}

#[test]
fn two_equal_requests_are_refused_also_those_without_a_response() {
    for id in [[LINEAR].as_slice(), &UNANSWERED].concat() {
        let kernel = Kernel::of_revision(3).request(id, 0, &[]).request(id, 1, &[]);
        let refusal = kernel.find().expect_err("refused");
        assert!(matches!(refusal, Refusal::SecondRequest { first: 32, second: 80, .. }), "{refusal:?}");
    }
}

#[test]
fn a_request_that_is_not_aligned_is_none() {
    let mut bytes = Kernel::of_revision(3).bytes();
    bytes.extend([0; 4]);
    bytes.extend(Kernel::default().request(LINEAR, 0, &[]).bytes());
    bytes.extend([0; 4]);
    let requests = landfall_limine::Requests::find(&bytes).expect("no fault").expect("a tag");
    assert!(!requests.wants(Feature::Hhdm));
}

#[test]
fn an_image_that_ends_within_the_tag_or_a_request_is_refused() {
    let kernel = Kernel(vec![TAG[0], TAG[1]]);
    assert_eq!(kernel.find().expect_err("refused"), Refusal::CutTag { at: 0 });
    // The operands of a request depend on its revision.
    for (id, revision, words) in [
        (LINEAR, 0, 0),
        (ENTRY, 0, 1),
        (MODE, 0, 1),
        (MODE, 1, 3),
        (MODE, 9, 3),
        (MODULES, 0, 0),
        (MODULES, 1, 2),
    ] {
        let operands = &[0; 3][..words];
        let kernel = Kernel::of_revision(3).request(id, revision, operands);
        assert!(kernel.find().is_ok(), "{id:x?}, revision {revision}");
        let whole = kernel.bytes();
        for cut in 1..=8 {
            let refusal = landfall_limine::Requests::find(&whole[..whole.len() - cut]).expect_err("refused");
            assert!(matches!(refusal, Refusal::CutRequest { at: 32, .. }), "{refusal:?}");
        }
    }
    // A number at the end is no request.
    assert!(Kernel::of_revision(3).words(&[0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b, 1]).find().is_ok());
}

#[test]
fn the_modes_are_those_of_the_request_and_its_revision() {
    let modes = |kernel: Kernel| kernel.find().map(|requests| requests.expect("a tag").paging_modes());
    let [sv39, sv48, sv57] = [Mode::Sv39, Mode::Sv48, Mode::Sv57];
    let accepted = |least, preferred, most| Ok(PagingModes { least, preferred, most });
    assert_eq!(modes(Kernel::of_revision(3)), accepted(sv39, sv48, sv48));
    for (revision, operands, expected) in [
        (0, [0, 2, 2], accepted(sv39, sv39, sv39)),
        (0, [1, 2, 2], accepted(sv39, sv48, sv48)),
        (0, [9, 0, 0], accepted(sv39, sv57, sv57)),
        (1, [1, 2, 0], accepted(sv39, sv48, sv57)),
        (5, [2, 2, 2], accepted(sv57, sv57, sv57)),
        (1, [0, 2, 1], accepted(sv48, sv48, sv57)),
        (1, [2, u64::MAX, 1], accepted(sv48, sv57, sv57)),
        (1, [0, 0, 1], Err(Refusal::Modes { least: 1, most: 0 })),
        (1, [3, 3, 3], Err(Refusal::Modes { least: 3, most: 3 })),
    ] {
        let found = modes(Kernel::of_revision(3).request(MODE, revision, &operands));
        assert_eq!(found, expected, "revision {revision}, {operands:?}");
    }
}

#[test]
fn the_values_of_requests_are_read() {
    let kernel = Kernel::of_revision(3)
        .request(ENTRY, 0, &[0x1234])
        .request(machine::STACK, 0, &[0x2_0000])
        .request(machine::ENTROPY, 0, &[5])
        .request(machine::MP, 0, &[0]);
    let requests = kernel.find().expect("no fault").expect("a tag");
    assert_eq!(requests.entry(), Some(VirtAddr::new(0x1234)));
    assert_eq!((requests.stack_size(), requests.entropy()), (Some(0x2_0000), 5));
    assert!(requests.wants_mp());
    let none = Kernel::of_revision(3).find().expect("no fault").expect("a tag");
    assert_eq!((none.entry(), none.stack_size(), none.entropy(), none.wants_mp()), (None, None, 0, false));
}
