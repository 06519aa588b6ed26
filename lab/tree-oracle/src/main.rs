//! Compares the two readers on mutated trees: `landfall-tree-oracle COUNT SEED FILE...`.

use std::process::ExitCode;
use std::{env, fs};

use landfall_plan::Rule;
use landfall_tree_oracle::{Mutator, Verdict, compare, samples};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let mut number = || arguments.next().and_then(|number| number.parse::<u64>().ok());
    let (Some(count), Some(seed)) = (number(), number()) else {
        eprintln!("usage: landfall-tree-oracle COUNT SEED FILE...");
        return ExitCode::from(2);
    };
    let mut trees = samples();
    for file in arguments {
        match fs::read(&file) {
            Ok(tree) => trees.push(tree),
            Err(error) => {
                eprintln!("error: {file}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    trees.retain(|tree| compare(tree, 0) == Verdict::Accepted);
    let mut mutator = Mutator::new(seed, &trees);
    let (mut accepted, mut bad_tree, mut too_many) = (0_u64, 0_u64, 0_u64);
    for _ in 0..count {
        let (tree, boot_hart) = (mutator.tree(), mutator.boot_hart());
        match compare(&tree, boot_hart) {
            Verdict::Accepted => accepted += 1,
            Verdict::Refused(Rule::TooManyRanges) => too_many += 1,
            Verdict::Refused(_) => bad_tree += 1,
        }
    }
    println!("{} trees accepted with equal facts; {count} mutations of them, seed {seed}", trees.len());
    println!("{accepted} accepted with equal facts; refused: R6 {bad_tree}, R7 {too_many}");
    ExitCode::SUCCESS
}
