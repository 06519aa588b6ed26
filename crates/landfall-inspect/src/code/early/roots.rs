//! The start and the end of early code.

use super::state::State;
use super::value::Value;
use crate::code::ground;
use crate::decode::{CsrName, CsrSource, Instruction, Operation, Register, decode};
use crate::hints::Hints;
use crate::profile::{self, Comes, Profile};
use crate::subject::{Kept, Subject};

/// Code that runs while slots are not what they will be.
pub(super) struct Window {
    /// Its entries, with the registers' values there.
    pub(super) roots: Vec<(u64, State)>,
    /// Its end: these functions are not entered.
    pub(super) ends: Vec<u64>,
    /// Functions that are not followed.
    pub(super) unfollowed: Vec<(u64, Comes)>,
    /// True if it ends when translation is turned on.
    pub(super) satp: Satp,
}

/// The effect of a write of satp on early code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Satp {
    /// It ends there.
    Ends,
    /// It goes on.
    GoesOn,
}

/// A reason against roots.
pub(super) enum Missing {
    /// The file lacks the names of its roots. Another report lists everything that depends on them.
    Stripped,
    /// Its end is unknown.
    Untold(String),
    /// A name that was given is no symbol.
    Name(String),
}

/// The function that relocates. A kernel with an entry and a linker script of its own calls it too.
const REBASE: &str = "landfall_rebase";

/// The CSR that turns translation on.
const SATP: u16 = 0x180;

/// Returns the code before the first rebase, and between the last one and satp.
pub(super) fn windows(subject: &Subject<'_>, hints: &Hints) -> Result<Vec<Window>, Missing> {
    if hints.early_from.is_some() || hints.early_until.is_some() {
        return given(subject, hints);
    }
    let kept = subject.symbols().kept();
    if kept == Kept::None || kept == Kept::Some && subject.kind().is_landfall() {
        return Err(Missing::Stripped);
    }
    if let Some(window) = hints.profile.window() {
        return named(subject, window, hints.profile);
    }
    // A kernel with a `_start` of its own has landfall's rebase all the same.
    if !subject.kind().is_landfall() && address(subject, REBASE).is_err() {
        return Err(Missing::Untold(
            "only the kernel's author knows where it ends: name it with --early-from and --early-until, or give --profile".into(),
        ));
    }
    landfall(subject)
}

fn address(subject: &Subject<'_>, name: &str) -> Result<u64, Missing> {
    let found = subject.symbols().find(name).map(|symbol| symbol.address.0);
    found.ok_or_else(|| Missing::Name(name.to_owned()))
}

fn given(subject: &Subject<'_>, hints: &Hints) -> Result<Vec<Window>, Missing> {
    let Some(until) = &hints.early_until else {
        return Err(Missing::Untold(
            "--early-from says where it begins; --early-until must say where it ends".into(),
        ));
    };
    let from = match (&hints.early_from, subject.entry()) {
        (Some(name), _) => address(subject, name)?,
        (None, Some(entry)) => entry.0,
        (None, None) => {
            return Err(Missing::Untold("the file has no entry: name one with --early-from".into()));
        }
    };
    Ok(vec![Window {
        roots: vec![(from, State::unknown())],
        ends: vec![address(subject, until)?],
        unfollowed: Vec::new(),
        satp: Satp::GoesOn,
    }])
}

/// Roots may be missing, as a kernel for one hart has no secondary entry; the first may not, nor
/// the end.
fn named(subject: &Subject<'_>, window: profile::Window, profile: Profile) -> Result<Vec<Window>, Missing> {
    if let Some(first) = window.roots.first() {
        address(subject, first)?;
    }
    let roots = window.roots.iter().filter_map(|name| address(subject, name).ok());
    let ends = window.ends.iter().map(|name| address(subject, name)).collect::<Result<_, _>>()?;
    let unfollowed = profile.unfollowed().iter();
    let unfollowed =
        unfollowed.filter_map(|one| Some((address(subject, one.symbol).ok()?, one.comes))).collect();
    let roots = roots.map(|root| (root, State::unknown())).collect();
    Ok(vec![Window { roots, ends, unfollowed, satp: Satp::GoesOn }])
}

/// Landfall's own parts, in the assembly of the crate `landfall`. A kernel that takes over lacks
/// some of them.
fn landfall(subject: &Subject<'_>) -> Result<Vec<Window>, Missing> {
    let Ok(rebase) = address(subject, REBASE) else {
        return Err(Missing::Untold(format!("it has no symbol {REBASE}, where early code ends")));
    };
    let unknown = State::unknown();
    let mut before: Vec<_> = subject.entry().into_iter().map(|entry| (entry.0, unknown)).collect();
    let mut after = Vec::new();
    if let Ok(moved) = address(subject, "landfall_moved") {
        before.push((moved, unknown));
    }
    if let Ok(copier) = address(subject, "landfall_copier") {
        // It leaves by t6, to landfall_moved.
        let mut state = unknown;
        state.set(Register::new(31), Value::Return);
        before.push((copier, state));
    }
    let calls = calls(subject, rebase);
    for (index, &call) in calls.iter().enumerate() {
        if leads_to_satp(subject, call, calls.get(index + 1).copied()) {
            after.push((call, unknown));
        }
    }
    // Harts that land later, and what runs where a hart does not take the mode.
    for name in ["landfall_secondary", "landfall_stop_hart", "refuse_leap"] {
        after.extend(address(subject, name).ok().map(|at| (at, unknown)));
    }
    Ok(vec![
        Window { roots: before, ends: vec![rebase], unfollowed: Vec::new(), satp: Satp::GoesOn },
        Window { roots: after, ends: vec![rebase], unfollowed: Vec::new(), satp: Satp::Ends },
    ])
}

/// Returns the return addresses of the calls of `callee`.
fn calls(subject: &Subject<'_>, callee: u64) -> Vec<u64> {
    let mut behind = Vec::new();
    for piece in ground::pieces(subject) {
        let (mut at, mut rest, mut upper) = (piece.address.0, piece.bytes, None);
        while let Some(Instruction { operation, length }) = decode(rest) {
            let next = at.wrapping_add(u64::from(length));
            let target = match (operation, upper) {
                (Operation::Jump { rd: Register::RA, offset }, _) => {
                    Some(at.wrapping_add_signed(i64::from(offset)))
                }
                (Operation::JumpRegister { rd: Register::RA, base, offset }, Some((register, place)))
                    if base == register =>
                {
                    Some(u64::wrapping_add_signed(place, i64::from(offset)))
                }
                _ => None,
            };
            behind.extend((target == Some(callee)).then_some(next));
            upper = match operation {
                Operation::Auipc { rd, offset } => Some((rd, at.wrapping_add_signed(i64::from(offset)))),
                _ => None,
            };
            (at, rest) = (next, &rest[usize::from(length)..]);
        }
    }
    behind
}

/// Returns true if straight code at `at` turns translation on before it relocates `again`.
fn leads_to_satp(subject: &Subject<'_>, at: u64, again: Option<u64>) -> bool {
    let again = again.unwrap_or(u64::MAX);
    let code = subject.code();
    let stretch = code.iter().find(|stretch| {
        (stretch.address.0..stretch.address.0.saturating_add(stretch.bytes.len() as u64)).contains(&at)
    });
    let Some(stretch) = stretch else { return false };
    let mut at = at;
    while at < again {
        let offset = usize::try_from(at - stretch.address.0).unwrap_or(usize::MAX);
        let Some(Instruction { operation, length }) = stretch.bytes.get(offset..).and_then(decode) else {
            return false;
        };
        match operation {
            _ if turns_translation_on(operation) => return true,
            Operation::Jump { rd: Register::ZERO, .. }
            | Operation::JumpRegister { rd: Register::ZERO, .. } => return false,
            _ => at += u64::from(length),
        }
    }
    false
}

/// Returns true if it may write another value than 0 to satp.
pub(super) fn turns_translation_on(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Csr { name: CsrName::Write, csr: SATP, source: CsrSource::Register(source), .. } if source != Register::ZERO
    )
}
