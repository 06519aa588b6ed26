//! The workspace's own tests, on the host.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::Error;
use landfall_host::kernel::cargo;
use landfall_host::output;

/// How many tests there were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

/// The workspace's default members are those that build on the host. What they leave out because it needs QEMU, the
/// kernels' target or a disassembler, which are there by now, comes after them: of the same packages, so that nothing is built anew.
const RUNS: [&[&str]; 2] = [
    &["test", "--no-fail-fast"],
    &[
        "test",
        "--no-fail-fast",
        "--test",
        "qemu",
        "--test",
        "plan",
        "--test",
        "run",
        "--test",
        "code",
        "--test",
        "decode",
        "--test",
        "fixtures",
        "--",
        "--ignored",
    ],
];

/// Runs them; what they say goes to stderr as it comes.
pub(super) fn run() -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    for arguments in RUNS {
        let Outcome { passed, failed } = run_one(arguments)?;
        outcome.passed += passed;
        outcome.failed += failed;
    }
    Ok(outcome)
}

fn run_one(arguments: &[&str]) -> Result<Outcome, Error> {
    let failed = |what: String| Error::msg(what);
    let mut child = cargo()
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cargo did not start: {error}")))?;
    let mut outcome = Outcome::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            output::note(&line);
            let [passed, not_passed] = counts(&line);
            outcome.passed += passed;
            outcome.failed += not_passed;
        }
    }
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        // What does not compile counts as one.
        outcome.failed = outcome.failed.max(1);
    }
    Ok(outcome)
}

/// What a line like `test result: ok. 8 passed; 0 failed; ...` counts.
fn counts(line: &str) -> [usize; 2] {
    let Some(result) = line.strip_prefix("test result: ") else { return [0, 0] };
    ["passed", "failed"].map(|what| {
        let part = result.split([';', '.']).find_map(|part| part.trim().strip_suffix(what));
        part.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(counts(line), [12, 3]);
        assert_eq!(counts("test a ... ok"), [0, 0]);
    }
}
