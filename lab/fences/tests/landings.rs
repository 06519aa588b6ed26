//! Landings of `hello` on drawn machines, with all its fences and without them.

use std::sync::LazyLock;

use landfall_fences::flaw::Flaw;
use landfall_fences::kernel::Kernel;
use landfall_fences::site::SiteKind;
use landfall_fences::trial::{Seen, Trial};
use landfall_fences::{landings, oracle, workers};
use landfall_hart::liberty::{Liberties, Liberty};

/// Landings in each run of the tests; `cargo fences landings` runs more.
const LANDINGS: usize = 300;

/// The kernel, which is built once.
static HELLO: LazyLock<Kernel> = LazyLock::new(|| Kernel::build("hello").expect("the kernel builds"));

#[test]
#[ignore = "builds a kernel"]
fn each_landing_leads_to_what_the_drawn_machine_must_lead_to() {
    let all = landings::run(&HELLO.image, 0, LANDINGS, Liberties::worst(), |_| {});
    assert!(all.surprises.is_empty(), "{:#?}", all.surprises);
    assert_eq!(all.good, LANDINGS);
    // A machine that never chooses proves nothing.
    for liberty in [Liberty::OldLoad, Liberty::LateStore, Liberty::UnorderedCall, Liberty::Pace] {
        let choices = all.opportunities.iter().find(|(other, _)| *other == liberty);
        assert!(choices.is_some_and(|(_, choices)| *choices > 0), "{}", liberty.name());
    }
}

#[test]
#[ignore = "builds a kernel"]
fn an_image_beyond_the_linear_map_moves_if_it_can() {
    // One hart, without HSM, moves (3575, 5151). R13: no memory within reach has room for the image
    // (668, 3716), or for the stacks beside it (3996). There is barely room: 6213, 12429.
    for seed in [668, 3575, 3716, 3996, 5151, 6213, 12429] {
        let landing = landings::run(&HELLO.image, seed, 1, Liberties::worst(), |_| {});
        assert_eq!(landing.good, 1, "{:#?}", landing.surprises);
    }
}

#[test]
#[ignore = "builds a kernel"]
fn each_machine_with_a_flaw_leads_to_what_it_must_lead_to() {
    let image = &HELLO.image;
    let mut surprises = Vec::new();
    let surprise = |index| {
        let seed = index as u64;
        let trial = Trial::drawn(image, seed, Liberties::worst());
        let trial = Trial { flaw: Flaw::of_seed(seed), ..trial };
        let is_met = oracle::is_met(image, &trial);
        (!is_met).then(|| (trial, trial.run(image).map(|(_, seen)| seen)))
    };
    workers::each(LANDINGS, surprise, |_, surprise| surprises.extend(surprise));
    assert!(surprises.is_empty(), "machines that lead to something else: {surprises:#?}");
}

#[test]
#[ignore = "builds a kernel"]
fn without_fences_at_most_one_landing_in_a_hundred_succeeds() {
    let kernel = &*HELLO;
    let fences = kernel.sites.iter().filter(|site| site.kind != SiteKind::CsrWrite);
    let image = kernel.with(fences.map(|site| (site, site.removed().instruction)));
    let (mut landings, mut passed) = (0, Vec::new());
    let run = |index| {
        let trial = Trial::drawn(&image, index as u64, Liberties::worst());
        let (machine, seen) = trial.run(&image).expect("the machine has room");
        let expected = oracle::expected(&image, machine.config(), &machine);
        // A refusal needs no fence.
        matches!(expected, Seen::Landed { .. }).then(|| seen == expected)
    };
    workers::each(LANDINGS, run, |seed, result| {
        landings += usize::from(result.is_some());
        passed.extend((result == Some(true)).then_some(seed));
    });
    assert!(passed.len() * 100 <= landings, "of {landings}, seeds that land without any fence: {passed:?}");
}
