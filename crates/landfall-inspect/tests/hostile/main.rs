//! Untrusted files: an answer, no panic, and time and memory within a fixed
//! multiple of the file's size.

mod bounds;
mod damage;
mod debug;
mod memory;
mod small;

use landfall_inspect::{Hints, Profile, Subject, inspect};

/// Everything that `check` does with a file; whether it could be read.
fn check(file: &[u8]) -> bool {
    let Ok(subject) = Subject::read(file) else { return false };
    let hints = Hints { profile: Profile::Linux, ..Hints::default() };
    let inspection = inspect(&subject, &hints);
    let judgement = inspection.judge(&subject, &[]);
    assert_eq!(judgement.findings.len(), inspection.findings().len());
    true
}
