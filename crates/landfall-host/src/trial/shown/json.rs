//! The result of a test as JSON.

use landfall_predict::units::Seed;
use serde_json::{Value, json};

use super::Record;
use crate::trial::{Counts, Done, Outcome, Rights};

/// Returns the object.
pub(super) fn object(record: &Record, counts: &Counts) -> Value {
    json!({
        "kernel": record.kernel,
        "seed": Seed(record.seed).to_string(),
        "passed": counts.passed,
        "failed": counts.failed,
        "not_applicable": counts.not_applicable,
        "boots": record.boots.iter().map(boot).collect::<Vec<_>>(),
    })
}

fn boot(done: &Done) -> Value {
    let (outcome, reasons) = match &done.outcome {
        Outcome::Passed => ("passed", Vec::new()),
        Outcome::Failed(failure) => ("failed", failure.reasons.clone()),
        Outcome::NotApplicable(reason) => ("not-applicable", vec![reason.clone()]),
    };
    let commands = match &done.outcome {
        Outcome::Failed(failure) => json!({ "again": failure.again, "boot": failure.run }),
        _ => Value::Null,
    };
    json!({
        "name": done.trial.name(),
        "axis": done.trial.axis.name(),
        "value": done.trial.value,
        "round": done.round,
        "seed": Seed(done.seed).to_string(),
        "outcome": outcome,
        "reasons": reasons,
        "commands": commands,
        "address": done.observed.address.map(|address| address.to_string()),
        "mode": done.observed.mode,
        "judged": done.observed.judged,
        "rights": done.observed.rights.as_ref().map(rights),
        "seconds": done.took.as_secs_f64(),
    })
}

fn rights(rights: &Rights) -> Value {
    json!({
        "executable": rights.executable,
        "writable": rights.writable,
        "writable_and_executable": rights.both,
        "executable_and_writable_elsewhere": rights.elsewhere,
        "first": rights.first,
    })
}
