//! `cargo landfall plan`: the address space that a machine would get, before it boots.

use landfall_host::plan::{self, PlanRequest, Source};
use landfall_host::{output, report};
use landfall_plan::Rule;
use landfall_predict::board::Loading;
use landfall_predict::case::{Outcome, Prediction, Refused};
use landfall_predict::inner::InnerPrediction;
use landfall_predict::policy::Change;
use landfall_predict::{json, svg, text, view};

use crate::failure::Failure;

/// The form of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PlanFormat {
    /// Lines for people
    Text,
    /// One JSON object: the keys of a landing report, and the address space
    Json,
    /// A picture: regions, pieces and leaves
    Svg,
    /// A small picture: the regions alone
    SvgSmall,
}

/// The arguments of `plan`.
#[derive(Clone, Debug)]
pub(crate) struct PlanCommand {
    /// The kernel and its machine.
    pub(crate) request: PlanRequest,
    /// Changes of the kernel's policy.
    pub(crate) policy: Vec<Change>,
    /// The form of the result.
    pub(crate) format: PlanFormat,
}

/// Predicts, and prints the prediction.
///
/// # Errors
/// [`Failure`] where there is nothing to predict from, or the kernel would refuse to land.
pub(crate) fn run(command: &PlanCommand) -> Result<(), Failure> {
    let outcome = match plan::case(&command.request)? {
        Ok(mut case) => {
            if let Ok(policy) = case.policy {
                case.policy = Ok(Change::all(&command.policy, policy)?);
            }
            case.predict()
        }
        Err(refused) => Outcome::Refuses(refused),
    };
    match outcome {
        Outcome::Refuses(refused) => Err(refuse(command, &refused)),
        Outcome::Lands(prediction) => {
            let space = view::address_space(&prediction);
            let printed = match command.format {
                PlanFormat::Text => text::text(&prediction, &space),
                PlanFormat::Json => json::object(&prediction, &space).to_string(),
                PlanFormat::Svg => svg::draw(&space),
                PlanFormat::SvgSmall => svg::draw_small(&space),
            };
            output::result(printed.trim_end());
            check_inner(&prediction)
        }
    }
}

/// Fails if the wrapper would refuse its inner kernel.
pub(crate) fn check_inner(prediction: &Prediction) -> Result<(), Failure> {
    match &prediction.inner {
        Some(InnerPrediction::Refused { rule, message }) => {
            Err(Failure::WouldRefuseInner { rule: rule.clone(), message: message.clone() })
        }
        _ => Ok(()),
    }
}

fn refuse(command: &PlanCommand, refused: &Refused) -> Failure {
    let (rule, message) = (refused.rule.to_string(), refused.message.clone());
    if command.format == PlanFormat::Json {
        output::result(report::refused(&rule, &message));
    }
    if let Source::Tree { loading, .. } = &command.request.source {
        note_missing_memory(refused, loading);
    }
    Failure::WouldRefuse { rule, message }
}

/// Names the option that states the RAM, if neither the tree nor the user does.
pub(crate) fn note_missing_memory(refused: &Refused, loading: &Loading) {
    if refused.rule == Rule::NoMemory && loading.memory.is_empty() {
        output::note(
            "note: boot loaders add the memory to trees that state none; state it with --memory BASE:SIZE",
        );
    }
}
