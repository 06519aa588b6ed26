//! Accepted findings, with the reason.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::finding::{Code, Finding, Place};
use crate::inspection::Inspection;
use crate::subject::Subject;

/// A kind of finding that is accepted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Which kind.
    pub code: Code,
    /// Only within this function or object: its name, with or without the path of its module.
    pub symbol: Option<Cow<'static, str>>,
    /// Why it is accepted.
    pub reason: Cow<'static, str>,
}

/// A finding with its place named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedFinding {
    /// The finding.
    pub finding: Finding,
    /// Its place.
    pub place: Place,
    /// The way that leads there, named.
    pub chain: Vec<Place>,
    /// Why it is accepted, where it is.
    pub accepted: Option<Cow<'static, str>>,
}

/// All findings of a file, sorted into those that count and those that are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Those that were kept, in the order of their codes.
    pub findings: Vec<PlacedFinding>,
    /// The number of findings of a code that were counted and not kept.
    pub lost: BTreeMap<Code, usize>,
    /// The number of findings that count, of every code, kept or not.
    pub open: usize,
    /// The number of accepted ones.
    pub accepted: usize,
    /// The accepted codes without a finding.
    pub unused: Vec<Accepted>,
}

impl Inspection {
    /// Names all places and sorts the findings by what is `accepted`.
    #[must_use]
    pub fn judge(&self, subject: &Subject<'_>, accepted: &[Accepted]) -> Judgement {
        let mut used = vec![false; accepted.len()];
        let findings: Vec<_> = self
            .findings()
            .iter()
            .map(|finding| {
                let place = subject.place(&finding.at);
                let index = accepted.iter().position(|entry| entry.covers(finding.code, &place));
                if let Some(used) = index.and_then(|index| used.get_mut(index)) {
                    *used = true;
                }
                let reason = index.and_then(|index| accepted.get(index)).map(|entry| entry.reason.clone());
                let chain = finding.chain.iter().map(|&address| subject.place(&address.into())).collect();
                PlacedFinding { finding: finding.clone(), place, chain, accepted: reason }
            })
            .collect();
        // Of a code that is accepted everywhere, those that were not kept are accepted too.
        let everywhere =
            |code: Code| accepted.iter().any(|entry| entry.code == code && entry.symbol.is_none());
        let kept = |code| self.findings().iter().filter(|finding| finding.code == code).count();
        let all = || Code::ALL.into_iter();
        let lost: BTreeMap<_, _> = all().map(|code| (code, self.count(code) - kept(code))).collect();
        let kept_and_accepted = findings.iter().filter(|placed| placed.accepted.is_some()).count();
        let accepted_count = kept_and_accepted
            + lost.iter().filter(|(code, _)| everywhere(**code)).map(|(_, lost)| lost).sum::<usize>();
        let total: usize = all().map(|code| self.count(code)).sum();
        let unused = accepted.iter().zip(&used).filter(|(_, used)| !**used).map(|(entry, _)| entry.clone());
        Judgement {
            findings,
            lost,
            open: total - accepted_count,
            accepted: accepted_count,
            unused: unused.collect(),
        }
    }
}

impl Accepted {
    fn covers(&self, code: Code, place: &Place) -> bool {
        self.code == code
            && self.symbol.as_deref().is_none_or(|wanted| {
                let own = place.symbol.as_deref().or(place.part.as_deref()).unwrap_or_default();
                let own = own.split_once("+0x").map_or(own, |(name, _)| name);
                own == wanted
                    || own
                        .strip_suffix(wanted)
                        .is_some_and(|before| before.ends_with("::") || before == "symbol ")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(symbol: Option<&'static str>) -> Accepted {
        Accepted { code: Code::GotEntry, symbol: symbol.map(Cow::Borrowed), reason: "it is known".into() }
    }

    #[test]
    fn a_symbol_is_meant_with_or_without_its_module_and_offset() {
        let place = |symbol: &str| Place { symbol: Some(symbol.to_owned()), ..Place::default() };
        for (wanted, own, covers) in [
            ("TABLE", "hello::TABLE+0x8", true),
            ("hello::TABLE", "hello::TABLE", true),
            ("ABLE", "hello::TABLE", false),
            ("TABLE", "hello::OTHER", false),
        ] {
            assert_eq!(
                accepted(Some(wanted)).covers(Code::GotEntry, &place(own)),
                covers,
                "{wanted} in {own}"
            );
        }
        assert!(accepted(None).covers(Code::GotEntry, &Place::default()));
        assert!(!accepted(None).covers(Code::GotLoad, &Place::default()));
    }
}
