//! The tests that are no boots of the matrix.

use super::check::Check;
use super::settings::Settings;
use super::{
    board_command, builds, cases, debugger, demo, documents, examples, linux, live_audit, mistakes, new,
    platforms, replaced, scripts, set_up, trapped, unfit, wrapper_policy,
};

/// Returns all of them. Those that take longest come first.
pub(super) fn all(settings: Settings) -> Result<Vec<Check>, String> {
    let mut checks = set_up::checks();
    checks.extend(new::checks());
    checks.extend(documents::checks()?);
    checks.extend(scripts::checks());
    checks.extend(mistakes::checks()?);
    checks.extend(examples::checks());
    checks.extend(demo::checks());
    checks.extend(board_command::checks());
    checks.extend(live_audit::checks());
    checks.extend(debugger::checks());
    checks.extend(linux::checks(settings.extent));
    checks.extend(unfit::checks(settings.extent));
    checks.extend(builds::checks());
    checks.extend(replaced::checks());
    checks.extend(trapped::checks());
    checks.extend(wrapper_policy::checks());
    checks.extend(platforms::checks());
    let document = Check::new("paths/document", move || cases::check_document(settings));
    checks.push(document.always());
    Ok(checks)
}
