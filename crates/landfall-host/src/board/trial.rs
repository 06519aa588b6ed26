//! The result of a boot on a board, to paste into an issue: as text, or as JSON.
//!
//! It has no path, no command line and no seed. Its addresses are those of the report, which the
//! kernel's policy permits on the console.

use std::fmt;

use landfall_inspect::Escaped;
use serde_json::{Value, json};

use super::compare::{self, Difference};
use super::heard::Heard;
use super::kit::Kit;
use super::learned::{Informed, Learned};
use super::outcome::Outcome;
use crate::report::Report;

/// A boot on a board, compared with its prediction.
#[derive(Debug)]
pub struct Trial {
    board: String,
    model: Option<String>,
    compatible: Vec<String>,
    tree: (String, usize),
    firmware: Vec<String>,
    kernel: String,
    image: usize,
    boots: usize,
    outcome: Outcome,
    predicted_mode: &'static str,
    learned: Vec<Learned>,
    differences: Vec<Difference>,
    report: Option<Report>,
}

impl Trial {
    /// Compares what a console stated with the prediction.
    #[must_use]
    pub fn of(kit: &Kit, heard: &Heard) -> Self {
        let report = heard.report();
        let (learned, differences) = match &report {
            None => (Vec::new(), Vec::new()),
            Some(report) => {
                let Informed { prediction, learned } = Informed::by(report, kit);
                let mut differences = compare::differences(report, &prediction, kit.image());
                note_mode(kit, report, &mut differences);
                (learned, differences)
            }
        };
        let (tree, size) = kit.tree();
        let identity = kit.identity();
        Self {
            board: identity.to_string(),
            model: identity.model.clone(),
            compatible: identity.compatible.clone(),
            tree: (tree.to_owned(), size),
            firmware: heard.firmware(),
            kernel: kit.kernel().to_owned(),
            image: kit.image().len(),
            boots: heard.boots,
            outcome: Outcome::of(heard),
            predicted_mode: kit.prediction().plan.mode.name(),
            learned,
            differences,
            report,
        }
    }

    /// Returns the outcome.
    #[must_use]
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Returns true if the kernel landed as predicted.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.outcome == Outcome::Landed && self.differences.is_empty()
    }

    /// Returns the result in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        match (&self.outcome, self.differences.len()) {
            (Outcome::Landed, 0) => "the kernel landed as predicted".to_owned(),
            (Outcome::Landed, _) if compare::is_other_build(&self.differences) => {
                "the kernel landed, but it is another build than the one that was predicted".to_owned()
            }
            (Outcome::Landed, 1) => "the kernel landed, with a difference from its prediction".to_owned(),
            (Outcome::Landed, count) => {
                format!("the kernel landed, with {count} differences from its prediction")
            }
            (outcome, _) => format!("the kernel did not land as predicted: {outcome}"),
        }
    }

    /// Returns the result as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let message = (self.outcome != Outcome::Landed).then(|| self.outcome.to_string());
        let learned = self.learned.iter();
        let learned = learned.map(|Learned { fact, assumed, reported }| json!({ "fact": fact, "assumed": assumed, "reported": reported }));
        let differences = self.differences.iter().map(|Difference { key, predicted, reported, meaning }| {
            json!({ "key": key, "predicted": predicted, "reported": reported, "meaning": meaning })
        });
        json!({
            "board": { "model": self.model, "compatible": self.compatible },
            "tree": { "file": self.tree.0, "size": self.tree.1 },
            "firmware": self.firmware,
            "kernel": { "name": self.kernel, "image_size": self.image },
            "outcome": self.outcome.name(),
            "message": message,
            "boots": self.boots,
            "as_predicted": self.is_success(),
            "predicted_mode": self.predicted_mode,
            "learned": learned.collect::<Vec<_>>(),
            "differences": differences.collect::<Vec<_>>(),
            "report": self.report.clone().map(Report::into_json),
        })
    }
}

/// The mode of the first prediction counts, although all else is compared in the mode taken.
fn note_mode(kit: &Kit, report: &Report, differences: &mut Vec<Difference>) {
    let predicted = Value::from(kit.prediction().plan.mode.name());
    let is_known =
        differences.iter().any(|found| found.key == "/mode") || compare::is_other_build(differences);
    if let Some(reported) = report.get("/mode").filter(|mode| **mode != predicted && !is_known) {
        differences.insert(0, compare::mode(predicted, reported.clone()));
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, size) = &self.tree;
        writeln!(f, "board        {}", self.board)?;
        writeln!(f, "tree         {}, {size} bytes", Escaped::new(file))?;
        for (index, line) in self.firmware.iter().enumerate() {
            writeln!(f, "{:<12} {}", if index == 0 { "firmware" } else { "" }, Escaped::new(line))?;
        }
        if self.firmware.is_empty() {
            writeln!(f, "firmware     unknown: no line states a version")?;
        }
        writeln!(f, "kernel       {}, {} bytes", Escaped::new(&self.kernel), self.image)?;
        if self.boots > 1 {
            writeln!(f, "boots        {}; the last one with a verdict counts", self.boots)?;
        }
        writeln!(f, "verdict      {}", self.outcome)?;
        let mode = self.report.as_ref().and_then(|report| report.get("/mode")).and_then(Value::as_str);
        writeln!(
            f,
            "mode         {} (predicted {})",
            Escaped::new(mode.unwrap_or("unknown")),
            self.predicted_mode
        )?;
        for Learned { fact, assumed, reported } in &self.learned {
            writeln!(f, "learned      {fact}: {} (assumed {assumed})", Escaped::new(reported))?;
        }
        for Difference { key, predicted, reported, meaning } in &self.differences {
            let reported = reported.to_string();
            writeln!(
                f,
                "difference   {key}: predicted {predicted}, reported {}; {meaning}",
                Escaped::new(&reported)
            )?;
        }
        match &self.report {
            None => write!(f, "report       none"),
            Some(report) => {
                if self.differences.is_empty() {
                    writeln!(f, "differences  none")?;
                }
                let object = report.clone().into_json().to_string();
                write!(f, "report       {}", Escaped::new(&object))
            }
        }
    }
}

#[cfg(test)]
mod tests;
