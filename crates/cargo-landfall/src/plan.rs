//! `cargo landfall plan`: the address space that a machine would get, before it boots.

use std::path::PathBuf;

use landfall_host::output;
use landfall_host::plan::{self, PlanRequest, Source};
use landfall_plan::Rule;
use landfall_predict::board::{Loading, MISSING_MEMORY};
use landfall_predict::case::{Outcome, Prediction, Refused};
use landfall_predict::inner::InnerPrediction;
use landfall_predict::policy::Change;
use landfall_predict::{json, svg, text, view};
use serde_json::Value;

use crate::failure::Failure;
use crate::page;

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
    /// One HTML file: the address space to zoom, search and plan anew
    Html,
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
    /// The saved plan or audit that a page compares this plan with.
    pub(crate) compare: Option<PathBuf>,
}

/// Predicts, and prints the prediction.
///
/// # Errors
/// [`Failure`] where there is nothing to predict from, or the kernel would refuse to land.
pub(crate) fn run(command: &PlanCommand) -> Result<(), Failure> {
    let before = command.compare.as_deref().map(page::saved).transpose()?;
    let case = plan::case(&command.request)?;
    let page = |json: &Value| {
        let document = page::of_plan(&command.request, &command.policy, case.as_ref().ok(), json.clone());
        page::print(before.clone(), document);
    };
    let outcome = match case.clone() {
        Ok(mut case) => {
            if let Ok(policy) = case.policy {
                case.policy = Ok(Change::all(&command.policy, policy)?);
            }
            case.predict()
        }
        Err(refused) => Outcome::Refuses(refused),
    };
    let prediction = match outcome {
        Outcome::Lands(prediction) => prediction,
        Outcome::Refuses(refused) => {
            let (rule, message) = (refused.rule.to_string(), refused.message.clone());
            let json = json::refused(&rule, &message);
            match command.format {
                PlanFormat::Json => output::result(json),
                PlanFormat::Html => page(&json),
                PlanFormat::Text | PlanFormat::Svg | PlanFormat::SvgSmall => {}
            }
            if let Source::Tree { loading, .. } = &command.request.source {
                note_missing_memory(&refused, loading);
            }
            return Err(Failure::WouldRefuse { rule, message });
        }
    };
    let space = view::address_space(&prediction);
    let result = |text: &str| output::result(text.trim_end());
    match command.format {
        PlanFormat::Text => result(&text::text(&prediction, &space)),
        PlanFormat::Json => output::result(json::object(&prediction, &space)),
        PlanFormat::Svg => result(&svg::draw(&space)),
        PlanFormat::SvgSmall => result(&svg::draw_small(&space)),
        PlanFormat::Html => page(&json::object(&prediction, &space)),
    }
    check_inner(&prediction)
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

/// Names the option that states the RAM, if neither the tree nor the user does.
pub(crate) fn note_missing_memory(refused: &Refused, loading: &Loading) {
    if refused.rule == Rule::NoMemory && loading.memory.is_empty() {
        output::note(format_args!("note: {MISSING_MEMORY} with --memory"));
    }
}
