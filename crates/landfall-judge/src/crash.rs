//! The place of crash memory, written from `docs/crash.md`: which bytes of RAM a landing must leave
//! for a crash kernel.

use crate::intervals::{Interval, without};
use crate::policy::ModePolicy;
use crate::tree::Tree;

const MIB_2: u64 = 2 << 20;
const GIB_4: u64 = 4 << 30;
/// Half of the upper half of sv39.
const SV39_REACH: u64 = 128 << 30;

/// A request: bytes, and the place if there is one.
#[derive(Clone, Copy)]
struct Request {
    size: u64,
    at: Option<u64>,
}

/// Reads decimal digits, hexadecimal ones behind `0x` or octal ones behind `0`, and a unit.
fn amount(text: &str) -> Option<u64> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let is_digit = |letter: char| {
        if hexadecimal.is_some() { letter.is_ascii_hexdigit() } else { letter.is_ascii_digit() }
    };
    let body = hexadecimal.unwrap_or(text);
    let end = body.find(|letter| !is_digit(letter)).unwrap_or(body.len());
    let (digits, unit) = body.split_at(end);
    let radix = match (hexadecimal, digits.len()) {
        (Some(_), _) => 16,
        (None, 2..) if digits.starts_with('0') => 8,
        _ => 10,
    };
    let power = ["", "k", "m", "g", "t", "p", "e"].iter().position(|name| unit.eq_ignore_ascii_case(name))?;
    let number = u128::from_str_radix(digits, radix).ok()?;
    u64::try_from(number.checked_mul(1024_u128.checked_pow(u32::try_from(power).ok()?)?)?).ok()
}

/// Returns the request of the last `crashkernel=` that can be read, or that of the policy.
fn request(tree: &Tree, policy: &ModePolicy) -> Request {
    let by_policy = Request { size: policy.crash_memory, at: None };
    let words = tree.bootargs.split(|letter: char| letter.is_ascii_whitespace());
    let Some(value) = words.filter_map(|word| word.strip_prefix("crashkernel=")).next_back() else {
        return by_policy;
    };
    let (size, at) = match value.split_once('@') {
        None => (amount(value), Some(None)),
        Some((size, at)) => (amount(size), amount(at).map(Some)),
    };
    match (size, at) {
        (Some(size), Some(at)) => Request { size, at },
        _ => by_policy,
    }
}

impl Tree {
    /// Puts the crash memory of a landing into [`Tree::crash`] and [`Tree::no_map`], for an image
    /// that was loaded here and a tree that lies at `tree_at`. Returns `self` without any where the
    /// request asks for none, or cannot be fulfilled.
    ///
    /// It does not judge that enough is left for tables and stacks. A landing may decline then, so
    /// a machine that is that small is not for this judge.
    #[must_use]
    pub fn reserve_crash_memory(mut self, loaded: Interval, tree_at: u64, policy: &ModePolicy) -> Self {
        if let Some(place) = self.crash_place(loaded, tree_at, policy) {
            self.no_map.push(place);
            self.crash = Some(place);
        }
        self
    }

    /// Returns true if the command line or the policy asks for crash memory.
    #[must_use]
    pub fn wants_crash_memory(&self, policy: &ModePolicy) -> bool {
        request(self, policy).size != 0
    }

    fn crash_place(&self, loaded: Interval, tree_at: u64, policy: &ModePolicy) -> Option<Interval> {
        let Request { size, at } = request(self, policy);
        let reach = policy.ram_limit.unwrap_or(SV39_REACH).min(2 * SV39_REACH);
        let own_tree = Interval::new(tree_at, self.size).pages_touched();
        let page_0 = Interval { start: 0, end: 4096 };
        let taken = [&self.reserved[..], &[loaded, own_tree, page_0]].concat();
        let free = without(&self.mappable(reach), &taken);
        let total: u64 = free.iter().copied().map(Interval::size).sum();
        let size = size.checked_next_multiple_of(MIB_2)?;
        if size == 0 || size > total / 2 {
            return None;
        }
        let is_free = |start: u64| {
            let end = start.checked_add(size)?;
            free.iter().any(|piece| piece.holds(Interval { start, end })).then_some(Interval { start, end })
        };
        if let Some(at) = at {
            return is_free(at).filter(|_| at.is_multiple_of(MIB_2));
        }
        // One candidate a piece: each place of a piece is below its highest.
        let highest = |limit: u64| {
            let tops = free.iter().map(|piece| piece.end.min(limit) / MIB_2 * MIB_2);
            tops.filter_map(|top| top.checked_sub(size)).filter_map(is_free).max_by_key(|place| place.start)
        };
        highest(GIB_4).or_else(|| highest(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_have_units_and_three_radices() {
        for (text, expected) in [
            ("64M", Some(64 << 20)),
            ("0x10g", Some(16 << 30)),
            ("010k", Some(8 << 10)),
            ("0", Some(0)),
            ("0x1e", Some(30)),
            ("1e", Some(1 << 60)),
            ("16e", None),
            ("", None),
            ("M", None),
            ("+1", None),
            ("1MB", None),
        ] {
            assert_eq!(amount(text), expected, "{text}");
        }
    }
}
