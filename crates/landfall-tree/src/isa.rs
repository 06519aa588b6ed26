//! The extensions that a tree lists for a hart (binding `riscv/extensions.yaml`): a list of names,
//! or in older trees one string.

use landfall_plan::harts::{Extension, Extensions};

/// Returns the extensions in `riscv,isa-extensions`: names, each with its final zero.
pub(super) fn of_list(list: &[u8]) -> Extensions {
    list.split(|byte| *byte == 0).filter_map(Extension::from_name).collect()
}

/// Returns the extensions in `riscv,isa`, such as `rv64imafdc_svnapot1p0`. The string has letters
/// of either case, `_` between names, and a version behind each (unprivileged specification, "ISA
/// Extension Naming Conventions").
pub(super) fn of_string(isa: &[u8]) -> Extensions {
    let Some((base, letters)) = isa.split_first_chunk::<4>() else { return Extensions::NONE };
    if !base.eq_ignore_ascii_case(b"rv64") {
        return Extensions::NONE;
    }
    let names = letters.split(|byte| *byte == b'_').enumerate();
    names
        .filter_map(|(index, name)| find(if index == 0 { behind_single_letters(name) } else { name }))
        .collect()
}

/// The first name of several letters may follow the single letters without `_`.
fn behind_single_letters(letters: &[u8]) -> &[u8] {
    let first = letters.iter().position(|letter| matches!(letter.to_ascii_lowercase(), b's' | b'x' | b'z'));
    first.and_then(|first| letters.get(first..)).unwrap_or_default()
}

fn find(name: &[u8]) -> Option<Extension> {
    let name = without_version(name);
    Extension::ALL.iter().copied().find(|known| known.name().as_bytes().eq_ignore_ascii_case(name))
}

/// Takes a version away: `2`, or `1p0`.
fn without_version(name: &[u8]) -> &[u8] {
    let major = without_number(name);
    match major {
        [minor @ .., b'p' | b'P'] if minor.last().is_some_and(u8::is_ascii_digit) => without_number(minor),
        _ => major,
    }
}

#[inline(never)]
fn without_number(mut name: &[u8]) -> &[u8] {
    while let [rest @ .., b'0'..=b'9'] = name {
        name = rest;
    }
    name
}
