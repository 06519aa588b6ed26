//! Each fuzz target with its corpus and with mutations of it, the same ones in every run. It takes
//! seconds; a real search is `cargo fuzz`'s.
//!
//! An input that fails is kept in the target directory, and the message names the file: make it a
//! test in the crate at fault.

mod mutate;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, sync::mpsc, thread};

use landfall_fuzz_targets::{TARGETS, Target};
use landfall_inspect::contain::contain;
use mutate::Mutator;

/// Inputs of each target.
const INPUTS: u64 = 20_000;
/// A target that takes longer for them has its turn ended there.
const TURN: Duration = Duration::from_secs(3);
/// An input that takes longer than this, on a busy machine, has no end.
const HANG: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The committed inputs of a target, in the order of their names.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(root().join("corpus").join(target)).expect("a corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("an input")).collect()
}

/// Keeps an input that fails.
fn keep(target: &str, input: &[u8]) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
    fs::write(&file, input).expect("a file");
    file
}

/// Gives `target` its inputs, and returns how many those were.
fn smoke((name, run): Target) -> u64 {
    let seeds = corpus(name);
    assert!(!seeds.is_empty(), "{name} has no corpus");
    let current = Arc::new(Mutex::new(Vec::new()));
    let (sender, receiver) = mpsc::channel();
    let shown = Arc::clone(&current);
    thread::spawn(move || {
        let start = Instant::now();
        let mut mutator = Mutator::new(name, seeds.clone());
        for (count, input) in seeds.into_iter().chain(std::iter::from_fn(|| Some(mutator.next()))).enumerate()
        {
            if count as u64 == INPUTS || start.elapsed() > TURN {
                let _ = sender.send(Ok(count as u64));
                return;
            }
            shown.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&input);
            if let Err(panicked) = contain(|| run(&input)) {
                let _ = sender.send(Err(panicked));
                return;
            }
        }
    });
    let result = receiver.recv_timeout(TURN + HANG);
    let input = || keep(name, &current.lock().unwrap_or_else(PoisonError::into_inner));
    match result {
        Ok(Ok(count)) => count,
        Ok(Err(panicked)) => panic!("{name} fails: {panicked}; the input is {}", input().display()),
        Err(error) => panic!("{name} does not end ({error}); the input is {}", input().display()),
    }
}

#[test]
fn every_target_takes_its_corpus_and_mutations_of_it() {
    for target in TARGETS {
        let count = smoke(target);
        println!("{}: {count} inputs", target.0);
        // On the slowest machine there is something to see.
        assert!(count > 100, "{}: only {count} inputs in {TURN:?}", target.0);
    }
}

#[test]
fn every_target_of_cargo_fuzz_is_among_them() {
    let files = fs::read_dir(root().join("fuzz_targets")).expect("targets");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_stem()?.to_str()).collect();
    assert_eq!(names, TARGETS.map(|(name, _)| name));
    for (file, name) in files.iter().zip(names) {
        let text = fs::read_to_string(file).expect("a target");
        assert!(text.contains(&format!("landfall_fuzz_targets::{name}(bytes)")), "{}", file.display());
    }
}

#[test]
fn an_input_that_panics_fails_the_target() {
    let failing: Target = ("policy", |input| assert!(input.len() > 8, "a short input"));
    let panicked = contain(|| smoke(failing)).expect_err("inputs are cut short sooner or later");
    assert!(panicked.message.starts_with("policy fails: a short input"), "{panicked}");
}
