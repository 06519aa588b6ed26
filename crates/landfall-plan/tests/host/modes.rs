//! Which modes are tried.

use landfall_paging::Mode::{self, Sv39, Sv48, Sv57};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::facts::BootOptions;
use landfall_plan::harts::{Absence, Extensions, Hart, Harts, Mmu};
use landfall_plan::planner::{ModeLimit, Role, hart_roles};
use landfall_plan::policy::Starting;
use landfall_plan::{Facts, Policy, Refusal};

const ANY: Policy = Policy::new();

/// Facts of harts with these `mmu-type`s, the first of which boots.
fn harts(mmus: &[Mmu]) -> Facts {
    let mut harts = Harts::EMPTY;
    (0..).zip(mmus).for_each(|(id, &mmu)| harts.push(Hart { id, mmu, extensions: Extensions::NONE }));
    let mut facts = Facts::UNKNOWN;
    facts.harts = harts;
    facts
}

fn asking(mut facts: Facts, command_line: &str) -> Facts {
    facts.options = BootOptions::parse(command_line);
    facts
}

fn modes(facts: &Facts, policy: &Policy) -> Vec<Mode> {
    ModeLimit::new(facts, policy).expect("a mode is left").modes().collect()
}

/// The rule and what the refusal says.
fn refusal(facts: &Facts, policy: &Policy) -> (u32, String) {
    let refusal: Refusal = ModeLimit::new(facts, policy).expect_err("no mode is left");
    (refusal.rule().number(), refusal.to_string())
}

fn upto(modes: &[Mode]) -> Facts {
    harts(&modes.iter().copied().map(Mmu::Upto).collect::<Vec<_>>())
}

#[test]
fn the_least_mmu_type_of_all_harts_counts() {
    assert_eq!(modes(&upto(&[Sv57, Sv57]), &ANY), [Sv57, Sv48, Sv39]);
    assert_eq!(modes(&upto(&[Sv57, Sv48, Sv57]), &ANY), [Sv48, Sv39]);
    assert_eq!(modes(&upto(&[Sv48, Sv57, Sv39]), &ANY), [Sv39]);
    assert_eq!(modes(&upto(&[Sv39, Sv57]), &ANY), [Sv39]);
}

#[test]
fn a_secondary_hart_without_translation_is_left_out() {
    for mmu in [Mmu::None, Mmu::Unstated] {
        assert_eq!(modes(&harts(&[Mmu::Upto(Sv57), mmu]), &ANY), [Sv57, Sv48, Sv39]);
    }
}

#[test]
fn a_secondary_hart_below_the_policys_lowest_mode_is_left_out() {
    let policy = ANY.with_modes(Sv48..=Sv57);
    assert_eq!(modes(&upto(&[Sv57, Sv39]), &policy), [Sv57, Sv48]);
}

#[test]
fn a_boot_hart_without_translation_is_refused() {
    let (rule, text) = refusal(&harts(&[Mmu::None, Mmu::Upto(Sv57)]), &ANY);
    assert_eq!(rule, 11);
    assert!(text.contains("riscv,none"), "{text}");
}

#[test]
fn a_boot_hart_below_the_policys_lowest_mode_is_refused() {
    let (rule, text) = refusal(&upto(&[Sv39, Sv57]), &ANY.with_modes(Sv48..=Sv57));
    assert_eq!(rule, 11);
    assert!(text.contains("sv48 or better") && text.contains("at most sv39"), "{text}");
}

#[test]
fn a_boot_hart_of_unstated_type_is_probed_and_promised_nothing() {
    for facts in [&[Mmu::Unstated][..], &[]].map(|mmus| Box::new(harts(mmus))) {
        let limit = ModeLimit::new(&facts, &ANY).expect("a mode is left");
        assert_eq!((limit.best, limit.lowest, limit.promised), (Sv57, Sv39, false));
    }
    let limit = ModeLimit::new(&harts(&[Mmu::Unstated, Mmu::Upto(Sv48)]), &ANY).expect("a mode is left");
    assert_eq!((limit.best, limit.promised), (Sv48, false), "another hart limits it");
}

#[test]
fn a_boot_hart_that_states_the_mode_promises_it() {
    for facts in [&[Sv57][..], &[Sv57, Sv39]].map(|modes| Box::new(upto(modes))) {
        assert!(ModeLimit::new(&facts, &ANY).expect("a mode is left").promised);
    }
}

#[test]
fn the_policy_limits_both_ends() {
    let machine = upto(&[Sv57]);
    for (lowest, highest, expected) in [
        (Sv39, Sv39, vec![Sv39]),
        (Sv48, Sv48, vec![Sv48]),
        (Sv48, Sv57, vec![Sv57, Sv48]),
        (Sv57, Sv57, vec![Sv57]),
    ] {
        assert_eq!(modes(&machine, &ANY.with_modes(lowest..=highest)), expected);
    }
}

#[test]
fn the_command_line_limits_the_best() {
    let machine = |asked| asking(upto(&[Sv57]), asked);
    assert_eq!(modes(&machine("landfall.mode=sv57"), &ANY), [Sv57, Sv48, Sv39]);
    assert_eq!(modes(&machine("landfall.mode=sv48"), &ANY), [Sv48, Sv39]);
    assert_eq!(modes(&machine("landfall.mode=sv39"), &ANY), [Sv39]);
}

#[test]
fn the_command_line_does_not_raise_what_the_policy_or_a_hart_limits() {
    assert_eq!(
        modes(&asking(upto(&[Sv57]), "landfall.mode=sv57"), &ANY.with_modes(Sv39..=Sv48)),
        [Sv48, Sv39]
    );
    assert_eq!(modes(&asking(upto(&[Sv39]), "landfall.mode=sv57"), &ANY), [Sv39]);
}

#[test]
fn a_command_line_below_the_policys_lowest_mode_is_refused() {
    let (rule, text) = refusal(&asking(upto(&[Sv57]), "landfall.mode=sv39"), &ANY.with_modes(Sv48..=Sv57));
    assert_eq!(rule, 11);
    assert!(text.contains("landfall.mode=sv39"), "{text}");
}

#[test]
fn a_mode_that_nobody_knows_limits_nothing() {
    assert_eq!(modes(&asking(upto(&[Sv57]), "landfall.mode=sv64"), &ANY), [Sv57, Sv48, Sv39]);
}

#[test]
fn mmu_types_are_read_as_the_binding_names_them() {
    let expected = [
        ("riscv,sv39", Mmu::Upto(Sv39)),
        ("riscv,sv48", Mmu::Upto(Sv48)),
        ("riscv,sv57", Mmu::Upto(Sv57)),
        ("riscv,none", Mmu::None),
        ("riscv,sv32", Mmu::None),
        ("riscv,sv64", Mmu::Unstated),
        ("sv39", Mmu::Unstated),
        ("", Mmu::Unstated),
        ("riscv,sv39\u{e9}", Mmu::Unstated),
        ("RISCV,sv39", Mmu::Unstated),
    ];
    for (name, mmu) in expected {
        assert_eq!(Mmu::from_name(name), mmu, "{name}");
    }
    assert_eq!(Mmu::from_name(b"riscv,sv\xe9"), Mmu::Unstated);
}

/// Tries modes on a hart that takes none better than `takes`. Returns the result and the tried
/// modes.
fn choose(limit: ModeLimit, probe: u64, takes: Option<Mode>) -> (Result<Mode, u32>, Vec<Mode>) {
    let mut tried = Vec::new();
    let chosen = limit.choose(PhysRange::EMPTY, PhysAddr::new(probe), |mode| {
        tried.push(mode);
        Ok(takes.is_some_and(|best| mode <= best))
    });
    (chosen.map_err(|refusal| refusal.rule().number()), tried)
}

#[test]
fn the_best_mode_that_the_hart_takes_is_chosen() {
    let limit = ModeLimit { best: Sv57, lowest: Sv39, promised: true };
    assert_eq!(choose(limit, 0x8020_0000, Some(Sv57)), (Ok(Sv57), vec![Sv57]));
    assert_eq!(choose(limit, 0x8020_0000, Some(Sv39)), (Ok(Sv39), vec![Sv57, Sv48, Sv39]));
    assert_eq!(choose(limit, 0x8020_0000, None), (Err(12), vec![Sv57, Sv48, Sv39]));
}

#[test]
fn where_no_probe_can_run_only_a_promise_of_the_best_mode_counts() {
    // sv39 maps addresses below 256 GiB at their own place, sv48 those below 128 TiB.
    let high = 0x4b_0000_0000;
    let limit = |best, promised| ModeLimit { best, lowest: Sv39, promised };
    assert_eq!(choose(limit(Sv39, true), high, None), (Ok(Sv39), vec![]));
    assert_eq!(choose(limit(Sv39, false), high, Some(Sv57)), (Err(13), vec![]));
    assert_eq!(choose(limit(Sv48, true), high, Some(Sv39)), (Err(12), vec![Sv48]));
}

#[test]
fn harts_that_reach_the_mode_follow_as_many_as_the_policy_allows() {
    let mmus = [Mmu::Upto(Sv57), Mmu::None, Mmu::Upto(Sv39), Mmu::Upto(Sv48), Mmu::Unstated, Mmu::Upto(Sv57)];
    let roles = |policy: &Policy| -> Vec<Role> {
        let mut facts = harts(&mmus);
        facts.boot_hart = 3;
        hart_roles(&facts, policy, Sv48).map(|(_, role)| role).collect()
    };
    let absent = Role::Absent(Absence::WithoutMode);
    let all = [Role::Follows, absent, absent, Role::Boots, absent, Role::Follows];
    assert_eq!(roles(&ANY), all);
    let beyond = Role::Absent(Absence::BeyondLimit);
    assert_eq!(roles(&ANY.with_max_harts(2)), [Role::Follows, absent, absent, Role::Boots, absent, beyond]);
    let unwanted = Role::Absent(Absence::NotWanted);
    let alone = [unwanted, unwanted, unwanted, Role::Boots, unwanted, unwanted];
    assert_eq!(roles(&ANY.with_starting(Starting::BootHart)), alone);
}
