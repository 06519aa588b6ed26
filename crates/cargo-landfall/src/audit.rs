//! `cargo landfall audit`, and the audit of `run --audit`.

use landfall_audit::{Code, UserRegions};
use landfall_explorer::document::Document;
use landfall_host::audit::{AuditRequest, Audited, Comparison, Shown, audited};
use landfall_host::output;
use landfall_host::symbols::Linked;
use landfall_predict::svg;

use crate::failure::Failure;
use crate::page;

/// The form of an audit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AuditFormat {
    /// Regions and findings for people
    #[default]
    Text,
    /// One JSON object: regions, findings, and all mappings
    Json,
    /// A picture: regions, parts, leaves and findings
    Svg,
    /// One HTML file: the address space to zoom and search
    Html,
}

impl AuditFormat {
    /// Returns true if the result is one document, which has stdout to itself.
    pub(crate) fn is_document(self) -> bool {
        self != Self::Text
    }
}

/// The arguments of `audit`.
#[derive(Clone, Debug)]
pub(crate) struct AuditCommand {
    /// The source, and what is known of it.
    pub(crate) request: AuditRequest,
    /// The form of the result.
    pub(crate) format: AuditFormat,
    /// The regions of user mode in the text.
    pub(crate) user: UserRegions,
}

/// Audits a source and prints the result.
///
/// # Errors
/// [`Failure::Audited`] if there are findings or differences; [`Failure::Audit`] if there is
/// nothing to audit.
pub(crate) fn run(command: &AuditCommand) -> Result<(), Failure> {
    let before = match (&command.request.against, command.format) {
        (Some(Comparison::File(path)), AuditFormat::Html) => Some(page::saved(path)?),
        _ => None,
    };
    let audited = audited(&command.request)?;
    let symbols = || command.request.hints.symbols.as_deref().and_then(Linked::of_linux);
    print(&audited, command.format, command.user, symbols, before)?;
    judge(&audited)
}

/// Prints an audit. A page has the kernel's symbols, and compares `before` with the audit.
///
/// # Errors
/// [`Failure::Output`] if it cannot be written.
pub(crate) fn print(
    audited: &Audited,
    format: AuditFormat,
    user: UserRegions,
    symbols: impl FnOnce() -> Option<Linked>,
    before: Option<Document>,
) -> Result<(), Failure> {
    let json = || {
        let mut json = Vec::new();
        audited.write_json(&mut json).map_err(|source| Failure::Output { source })?;
        Ok::<_, Failure>(json)
    };
    match format {
        AuditFormat::Text => output::result(Shown { audited, user }.to_string().trim_end()),
        AuditFormat::Json => output::result(String::from_utf8_lossy(&json()?)),
        AuditFormat::Svg => output::result(svg::draw_audit(&audited.audit).trim_end()),
        AuditFormat::Html => page::print(before, page::of_audit(&json()?, symbols().as_ref())?),
    }
    Ok(())
}

/// Fails if there are findings or differences.
///
/// # Errors
/// [`Failure::Audited`].
pub(crate) fn judge(audited: &Audited) -> Result<(), Failure> {
    match (audited.findings(), audited.differences()) {
        (0, 0) => Ok(()),
        (findings, differences) => Err(Failure::Audited { findings, differences }),
    }
}

/// Prints the explanation of a code.
pub(crate) fn explain(code: Code) {
    let story = code.explanation();
    let mut text =
        format!("{code}: {}\n\n{}\n\nWhat to do, most likely cause first:", story.title, story.why);
    for fix in story.fixes {
        text.push_str("\n  - ");
        text.push_str(fix);
    }
    output::result(text);
}

/// Prints all codes.
pub(crate) fn list() {
    for code in Code::ALL {
        output::result(format_args!("{code:<16} {}", code.explanation().title));
    }
}
