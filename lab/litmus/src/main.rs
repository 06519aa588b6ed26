//! Checks litmus tests: those of a folder, or the generated ones.

#![forbid(unsafe_code)]

mod options;
mod suite;

use std::process::ExitCode;

use landfall_litmus::check::{CheckError, Reason, Report, check_all};

use self::options::{HELP, Options};
use self::suite::Suite;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let suite = match Suite::read(&options) {
        Ok(suite) => suite,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let agrees = suite.compare_with_herd();
    let total = suite.tests.len();
    let reports = check_all(&suite.tests, options.effort, |done| {
        if done % 500 == 0 {
            eprintln!("{done} of {total} tests");
        }
    });
    let sound = print(&reports, &options);
    if agrees && sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the results; returns true if no forbidden outcome appeared and each test ran.
fn print(reports: &[Result<Report, CheckError>], options: &Options) -> bool {
    let mut errors = 0;
    let (mut allowed, mut seen, mut forbidden) = (0, 0, 0);
    let mut never = [0; 4];
    for report in reports {
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                errors += 1;
                println!("not checked: {error}");
                continue;
            }
        };
        allowed += report.allowed;
        seen += report.seen;
        forbidden += report.forbidden.len();
        for outcome in &report.forbidden {
            println!("{}: forbidden: {outcome}", report.name);
        }
        for missing in &report.never {
            never[missing.reason as usize] += 1;
            if options.lists(missing.reason) {
                println!("{}: never seen: {} ({})", report.name, missing.outcome, missing.reason.text());
            }
        }
    }
    println!("{} tests, {errors} not checked", reports.len());
    println!("{allowed} allowed outcomes, {seen} seen, {forbidden} forbidden outcomes seen");
    for reason in [Reason::LoadBuffering, Reason::Drained, Reason::Replaced, Reason::Unknown] {
        println!("{} never seen: {}", never[reason as usize], reason.text());
    }
    errors == 0 && forbidden == 0
}
