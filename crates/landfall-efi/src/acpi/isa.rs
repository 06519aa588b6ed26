//! ISA strings (The RISC-V Instruction Set Manual, volume I, "ISA Extension Naming Conventions"):
//! `rv64imafdc_zicsr_svadu`.

/// Bytes of `rv64i`.
const BASE: usize = 5;

/// An ISA string for 64 bits.
#[derive(Clone, Copy)]
pub(super) struct Isa<'a> {
    text: &'a [u8],
}

impl<'a> Isa<'a> {
    /// The string in `bytes`, up to its zero or their end.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let text = bytes.split(|byte| *byte == 0).next()?;
        let is_known = text.is_ascii()
            && text.len() >= BASE
            && text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"rv64"));
        is_known.then_some(Self { text })
    }

    /// All of it.
    pub(super) const fn text(self) -> &'a [u8] {
        self.text
    }

    /// The base, `rv64i`.
    pub(super) fn base(self) -> &'a [u8] {
        self.text.get(..BASE).unwrap_or_default()
    }

    /// The names of its extensions, without versions. The letter of the base is the first.
    pub(super) fn extensions(self) -> impl Iterator<Item = &'a [u8]> + Clone {
        let mut rest = self.text.get(BASE - 1..).unwrap_or_default();
        core::iter::from_fn(move || {
            loop {
                let first = rest.first()?;
                let is_long = matches!(first.to_ascii_lowercase(), b's' | b'x' | b'z');
                let end = rest.iter().position(|byte| *byte == b'_').unwrap_or(rest.len());
                let (name, behind) = rest.split_at_checked(if is_long { end } else { 1 })?;
                rest = if is_long { behind } else { behind.get(version(behind)..).unwrap_or_default() };
                let name = if is_long { without_version(name) } else { name };
                if first.is_ascii_alphabetic() {
                    return Some(name);
                }
            }
        })
    }
}

/// Bytes of the version, `2` or `2p1`, with which `text` begins.
fn version(text: &[u8]) -> usize {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let major = digits(text);
    let minor = match text.get(major..) {
        Some([b'p' | b'P', minor @ ..]) if major > 0 => digits(minor),
        _ => 0,
    };
    if minor > 0 { major + 1 + minor } else { major }
}

/// A name of several letters ends with one: what digits end it are a version.
fn without_version(name: &[u8]) -> &[u8] {
    let without_digits =
        |name: &[u8]| name.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |letter| letter + 1);
    let major_or_minor = without_digits(name);
    let end = match name.get(..major_or_minor) {
        Some([start @ .., b'p' | b'P'])
            if major_or_minor < name.len() && start.last().is_some_and(u8::is_ascii_digit) =>
        {
            without_digits(start)
        }
        _ => major_or_minor,
    };
    name.get(..end).unwrap_or(name)
}
