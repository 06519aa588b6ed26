//! Comparisons: by hand, and against a comparison of one page at a time.

use std::collections::BTreeMap;

use landfall_audit::compare::{Aspect, Mapping, compare};
use landfall_audit::plan::{NoPlan, Plan};
use landfall_audit::{Attributes, Kind, Known, LeafSize, Mode, PAGE, Phys, Run, Span, Virt};
use proptest::prelude::*;

use crate::machine::{KERNEL, Machine, R, W, X};

/// A part of the output of `cargo landfall plan --format json`, for a kernel with one stack.
const PLAN: &str = r#"{
    "outcome": "landed",
    "mode": "sv39",
    "kernel": { "physical": "0x80200000", "virtual": "0xffffffff80000000", "size": 8192, "slots": 3 },
    "linear_map": { "virtual": "0xffffffd600000000", "physical": "0x80000000", "size": 4194304 },
    "near": null,
    "dynamic": { "virtual": "0xffffffe000000000", "size": 1073741824 },
    "stacks": { "virtual": "0xfffffff000000000", "size": 131072 },
    "regions": [
        { "kind": "stacks", "virtual": "0xfffffff000000000", "size": 131072, "parts": [
            { "virtual": "0xfffffff000000000", "size": 65536, "unmapped": "guard of the stack" },
            { "virtual": "0xfffffff000010000", "size": 65536, "what": "stack 0", "physical": "0x80300000",
              "access": "RW-", "leaves": { "4K": 16 } }
        ] }
    ],
    "mappings": [
        { "virtual": "0xfffffff000010000", "physical": "0x80300000", "size": 65536, "access": "RW-", "leaf": "4K" },
        { "virtual": "0xffffffff80000000", "physical": "0x80200000", "size": 4096, "access": "R-X", "leaf": "4K" },
        { "virtual": "0xffffffff80001000", "physical": "0x80201000", "size": 4096, "access": "RW-", "leaf": "4K" },
        { "virtual": "0xffffffd600000000", "physical": "0x80000000", "size": 4194304, "access": "RW-", "leaf": "2M" }
    ]
}"#;

/// The machine of the plan. Its linear map aliases the text, which does not matter here.
fn planned() -> Machine {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(0xffff_fff0_0001_0000, 0x8030_0000, 0, 16, R | W | KERNEL);
    machine.map(0xffff_ffff_8000_0000, 0x8020_0000, 0, 1, R | X | KERNEL);
    machine.map(0xffff_ffff_8000_1000, 0x8020_1000, 0, 1, R | W | KERNEL);
    machine.map(0xffff_ffd6_0000_0000, 0x8000_0000, 1, 2, R | W | KERNEL);
    machine
}

#[test]
fn a_machine_as_planned_has_no_difference_and_the_regions_of_the_plan() {
    let plan = Plan::parse(PLAN).expect("a plan");
    let known = Known { layout: plan.layout(), stacks: plan.stacks(), ..Known::default() };
    let audit = planned().audit(known);
    let runs = plan.runs().expect("mappings").expect("a plan has mappings");
    assert_eq!(compare(&runs, &audit.roots[0].runs).to_string(), "no differences\n");
    let kinds: Vec<_> =
        audit.roots[0].regions.iter().map(|region| (region.kind, region.name.as_str())).collect();
    let right = [(Kind::LinearMap, "linear map"), (Kind::Stacks, "stacks"), (Kind::Image, "kernel")];
    assert_eq!(kinds, right);
    assert!(audit.unchecked.iter().all(|unchecked| unchecked.code != landfall_audit::Code::StackGuard));
    assert_eq!(plan.stacks(), [Span::new(Virt(0xffff_fff0_0001_0000), 65536)]);
}

#[test]
fn each_property_that_differs_is_named() {
    let runs = Plan::parse(PLAN).expect("a plan").runs().expect("mappings").expect("a plan has mappings");
    let text = 0xffff_ffff_8000_0000;
    let differences = |change: &dyn Fn(&mut Machine)| {
        let mut machine = planned();
        change(&mut machine);
        let differences = compare(&runs, &machine.audit(Known::default()).roots[0].runs);
        assert_eq!(differences.count, differences.kept.len() as u64);
        differences.kept.into_iter().map(|one| (one.start.0, one.size, one.aspects)).collect::<Vec<_>>()
    };
    let one = |aspects: &[Aspect]| vec![(text, PAGE, aspects.to_vec())];
    assert_eq!(differences(&|machine| machine.set(text, 0, 0)), one(&[Aspect::Presence]));
    let map = |flags: u64, phys: u64| move |machine: &mut Machine| machine.map(text, phys, 0, 1, flags);
    assert_eq!(differences(&map(R | W | X | KERNEL, 0x8020_0000)), one(&[Aspect::Permission]));
    assert_eq!(differences(&map(R | X | KERNEL, 0x8021_0000)), one(&[Aspect::Memory]));
    assert_eq!(differences(&map(R | X | KERNEL & !0x20, 0x8020_0000)), one(&[Aspect::Attributes]));
    let more: &dyn Fn(&mut Machine) =
        &|machine| machine.map(text + 0x2000, 0x8020_2000, 0, 3, R | W | KERNEL);
    assert_eq!(differences(more), [(text + 0x2000, 3 * PAGE, vec![Aspect::Presence])]);
    let smaller: &dyn Fn(&mut Machine) = &|machine| {
        machine.set(0xffff_ffd6_0000_0000, 1, 0);
        machine.map(0xffff_ffd6_0000_0000, 0x8000_0000, 0, 512, R | W | KERNEL);
    };
    assert_eq!(differences(smaller), [(0xffff_ffd6_0000_0000, 2 << 20, vec![Aspect::Leaf])]);
}

#[test]
fn text_that_is_no_plan_is_refused() {
    assert!(matches!(Plan::parse("{"), Err(NoPlan::Json(_))));
    assert!(matches!(Plan::parse(r#"{ "outcome": "refused", "kernel": null }"#), Err(NoPlan::Refused)));
    assert!(matches!(Plan::parse("{}"), Err(NoPlan::Foreign)));
    assert!(matches!(Plan::parse(r#"{ "audit_format": 1, "roots": [] }"#), Err(NoPlan::Audit)));
    for wrong in [("\"size\": 65536, \"access\"", "\"size\": 65537, \"access\""), ("\"R-X\"", "\"X-R\"")] {
        let plan = Plan::parse(&PLAN.replace(wrong.0, wrong.1)).expect("a plan");
        assert!(matches!(plan.runs(), Err(NoPlan::Mapping(_))), "{wrong:?}");
    }
    // A report has regions and no mappings; a policy may hide its addresses.
    let report = r#"{ "kernel": { "virtual": null, "size": 8192 }, "linear_map": {} }"#;
    let report = Plan::parse(report).expect("a report");
    assert!(report.runs().expect("no mappings").is_none());
    assert!(report.stacks().is_empty());
}

/// Runs of a few pages, with gaps, at the top of the addresses.
fn runs() -> impl Strategy<Value = Vec<Run>> {
    let piece = (0_u64..3, 1_u64..4, 0_u64..6, prop::sample::select(vec!["RW-", "R-X"]));
    prop::collection::vec(piece, 0..8).prop_map(|pieces| {
        let mut at = u64::MAX - 60 * PAGE + 1;
        let mut runs = Vec::new();
        for (gap, pages, phys, access) in pieces {
            at += gap * PAGE;
            let attributes = Attributes::from_text(access, "-GAD", "default").expect("attributes");
            runs.extend(Run::new(Virt(at), Phys(phys * PAGE), pages * PAGE, attributes, LeafSize::K4));
            at += pages * PAGE;
        }
        runs
    })
}

fn pages(runs: &[Run]) -> BTreeMap<u64, (u64, Attributes)> {
    let of = |run: &Run| {
        let run = *run;
        (0..run.size / PAGE)
            .map(move |page| (run.virt.0 + page * PAGE, (run.phys.0 + page * PAGE, run.attributes)))
    };
    runs.iter().flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_pages_differ_as_in_a_comparison_page_by_page(one in runs(), other in runs()) {
        let differences = compare(&one, &other);
        prop_assert_eq!(compare(&one, &one).count, 0);
        let (one, other) = (pages(&one), pages(&other));
        let right = one.keys().chain(other.keys()).filter(|page| one.get(page) != other.get(page));
        let right: std::collections::BTreeSet<_> = right.copied().collect();
        let found = differences.kept.iter().flat_map(|difference| {
            (0..difference.size / PAGE).map(|page| difference.start.0 + page * PAGE)
        });
        let found: Vec<_> = found.collect();
        prop_assert_eq!(&found, &right.into_iter().collect::<Vec<_>>());
        for difference in &differences.kept {
            for offset in (0..difference.size).step_by(4096) {
                let state = |side: &BTreeMap<u64, (u64, Attributes)>| {
                    side.get(&(difference.start.0 + offset)).copied()
                };
                let told = |mapping: Option<Mapping>| mapping.map(|own| (own.phys.0 + offset, own.attributes));
                prop_assert_eq!(told(difference.expected), state(&one));
                prop_assert_eq!(told(difference.found), state(&other));
            }
        }
    }
}
