//! The extensions that a tree lists for a hart (binding `riscv/extensions.yaml`): a list of names,
//! or in older trees one string.

use landfall_plan::harts::{Extension, Extensions};

/// The last list that was searched. Most harts of a machine have equal lists, and a comparison
/// takes half as long as a search.
#[derive(Clone, Copy, Default)]
pub(super) struct LastList<'a> {
    list: &'a [u8],
    extensions: Extensions,
}

impl<'a> LastList<'a> {
    /// Returns the extensions in `riscv,isa-extensions`: names, each with its final zero.
    pub(super) fn extensions(&mut self, list: &'a [u8]) -> Extensions {
        if !is_same(list, self.list) {
            *self = Self { list, extensions: of_list(list) };
        }
        self.extensions
    }
}

/// `==` would call `memcmp`, which compares one byte a turn. Most lists lie at a multiple of 4.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (first, words, last) = bytemuck::pod_align_to::<u8, u32>(one);
    let (other_first, other_words, other_last) = bytemuck::pod_align_to::<u8, u32>(other);
    let (chunks, rest) = words.as_chunks::<4>();
    let (other_chunks, other_rest) = other_words.as_chunks::<4>();
    let mut pairs = chunks.iter().zip(other_chunks);
    one.len() == other.len()
        && pairs.all(|([a, b, c, d], [e, f, g, h])| a == e && b == f && c == g && d == h)
        && (first, rest, last) == (other_first, other_rest, other_last)
}

fn of_list(list: &[u8]) -> Extensions {
    list.split(|byte| *byte == 0).filter_map(Extension::from_name).collect()
}

/// Returns the extensions in `riscv,isa`, such as `rv64imafdc_svnapot1p0`. The string has letters
/// of either case, `_` between names, and a version behind each (unprivileged specification, "ISA
/// Extension Naming Conventions").
pub(super) fn of_string(isa: &[u8]) -> Extensions {
    names(isa).filter_map(find).collect()
}

/// Returns true if a list has an extension, whose name is in lower case.
pub(super) fn list_has(list: &[u8], extension: &[u8]) -> bool {
    list.split(|byte| *byte == 0).any(|name| name == extension)
}

/// Returns true if a string has an extension of several letters.
pub(super) fn string_has(isa: &[u8], extension: &[u8]) -> bool {
    names(isa).any(|name| without_version(name).eq_ignore_ascii_case(extension))
}

/// Returns the names of several letters, with their versions.
fn names(isa: &[u8]) -> impl Iterator<Item = &[u8]> {
    let letters = match isa.split_first_chunk::<4>() {
        Some((base, letters)) if base.eq_ignore_ascii_case(b"rv64") => letters,
        _ => &[],
    };
    let names = letters.split(|byte| *byte == b'_').enumerate();
    names.map(|(index, name)| if index == 0 { behind_single_letters(name) } else { name })
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
