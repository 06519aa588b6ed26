//! `cargo landfall plan`: the address space that a machine would get, before it boots.
//!
//! ```text
//! source        where the facts come from
//!   facts_file    a boot that was, as `run --dump-facts` wrote it down
//!   board         a board's device tree, with what it does not say
//!   machine       a `virt` machine, whose firmware is booted up to the kernel's first instruction
//!   image         what the kernel's file says: its parts, its policy, its slots
//! case          one boot, and its prediction: the same rules, the same plan as in the kernel
//! notes         what to know although it stops nothing
//! space         the address space as people look at it
//!   view          from a plan to that
//!   leaves        leaf by leaf
//! text, json, svg
//! ```

pub mod board;
pub mod case;
pub mod facts_file;
pub mod image;
pub mod json;
pub mod leaves;
pub mod machine;
pub mod notes;
pub mod source;
pub mod space;
pub mod svg;
pub mod text;
pub mod view;

use landfall_plan::Rule;

use crate::failure::Failure;
use crate::kernel::Selection;
use crate::output;
use crate::policy::Change;
use crate::report;
use case::{Outcome, Refused};

pub use source::Source;

/// What a user asks of `plan`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kernel; with a file of facts the default is the kernel of that boot.
    pub kernel: Selection,
    /// Where the facts come from.
    pub source: Source,
    /// What to change in the kernel's policy.
    pub policy: Vec<Change>,
    /// How the result is told.
    pub format: Format,
}

/// How a plan is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines for people
    Text,
    /// One JSON object: the keys of a landing report, and the address space
    Json,
    /// A picture: regions, pieces and leaves
    Svg,
    /// A small picture: the regions alone
    SvgSmall,
}

/// Predicts, and tells.
///
/// # Errors
/// [`Failure`] where there is nothing to predict from, or the kernel would refuse to land.
pub fn run(options: &Options) -> Result<(), Failure> {
    let told = source::case(options)?;
    let outcome = match told {
        Ok(mut case) => {
            if let Ok(policy) = case.policy {
                case.policy = Ok(Change::all(&options.policy, policy)?);
            }
            case.predict()
        }
        Err(refused) => Outcome::Refuses(refused),
    };
    match outcome {
        Outcome::Refuses(refused) => Err(refuse(options, &refused)),
        Outcome::Lands(prediction) => {
            let space = view::address_space(&prediction);
            let told = match options.format {
                Format::Text => text::text(&prediction, &space),
                Format::Json => json::object(&prediction, &space).to_string(),
                Format::Svg => svg::draw(&space),
                Format::SvgSmall => svg::draw_small(&space),
            };
            output::result(told.trim_end());
            Ok(())
        }
    }
}

fn refuse(options: &Options, refused: &Refused) -> Failure {
    let (rule, message) = (refused.rule.to_string(), refused.message.clone());
    if options.format == Format::Json {
        output::result(report::refused(&rule, &message));
    }
    let is_bare = matches!(&options.source, Source::Tree { loading, .. } if loading.memory.is_empty());
    if refused.rule == Rule::NoMemory && is_bare {
        output::note(
            "note: boot loaders fill in the memory of boards whose trees leave it out; say what there is with --memory BASE:SIZE",
        );
    }
    Failure::WouldRefuse { rule, message }
}
