//! The result as text and JSON. Names come from the user's files, so lines with one are escaped
//! (`output::result`).

use std::fmt;
use std::io;

use landfall_audit::UserRegions;
use serde_json::{Value, json};

use super::audited::Audited;
use super::live::{Before, Pause};

/// The result as text.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The result.
    pub audited: &'a Audited,
    /// The regions of user mode.
    pub user: UserRegions,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audited, user } = self;
        writeln!(f, "audit of {}", audited.source.escape_debug())?;
        for note in &audited.notes {
            writeln!(f, "note: {}", note.escape_debug())?;
        }
        for (hart, reason) in &audited.without {
            writeln!(f, "hart {hart}: no root; {reason}")?;
        }
        write!(f, "{}", audited.audit.text(*user))?;
        if let Some(pause) = &audited.pause {
            writeln!(f, "{pause}")?;
        }
        if let Some((name, compared)) = &audited.compared {
            for compared in compared {
                writeln!(f, "root {} against {}:", compared.root, name.escape_debug())?;
                if let Some(mode) = compared.mode {
                    writeln!(f, "  another mode: expected {mode}")?;
                }
                if compared.mode.is_none() || compared.differences.count != 0 {
                    write!(f, "{}", compared.differences)?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, self.time) {
            (Before::Ran, Some(time)) => write!(f, "paused for {:.3} ms", time.as_secs_f64() * 1000.0)?,
            (Before::Ran, None) => write!(f, "paused")?,
            (Before::Stood { state }, _) => {
                write!(f, "the machine stood still ({}), and stays", state.escape_debug())?;
            }
        }
        write!(f, ": commands {}, bytes {}", self.commands, self.bytes)
    }
}

impl Audited {
    /// Writes the audit as JSON, with its source and its differences.
    ///
    /// # Errors
    /// The error of the writer.
    pub fn write_json(&self, writer: impl io::Write) -> io::Result<()> {
        let without = self.without.iter();
        let without = without.map(|(hart, reason)| json!({ "hart": hart, "reason": reason.to_string() }));
        let mut more = json!({
            "source": {
                "name": self.source,
                "notes": self.notes,
                "harts_without_root": without.collect::<Vec<_>>(),
                "pause": self.pause.as_ref().map(pause),
            },
            "against": null,
        });
        if let Some((name, compared)) = &self.compared {
            let one = |compared: &super::Compared| {
                let differences = &compared.differences;
                json!({
                    "root": compared.root,
                    "expected_mode": compared.mode,
                    "count": differences.count,
                    "list": differences.kept,
                })
            };
            let differences: Vec<_> = compared.iter().map(one).collect();
            more["against"] = json!({ "name": name, "differences": differences });
        }
        self.audit.write_json_with(writer, &more)
    }
}

fn pause(pause: &Pause) -> Value {
    let state = match &pause.before {
        Before::Ran => "running",
        Before::Stood { state } => state,
    };
    json!({
        "state_before": state,
        "milliseconds": pause.time.map(|time| time.as_secs_f64() * 1000.0),
        "commands": pause.commands,
        "bytes": pause.bytes,
    })
}
