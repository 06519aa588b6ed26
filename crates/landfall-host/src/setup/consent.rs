//! The user's consent, without which no package is installed or fetched.
//!
//! | option | stdin is a terminal | stdin is something else |
//! |---|---|---|
//! | none | a question; Enter means yes | consent, since no user could answer |
//! | `--yes` | consent | consent |
//! | `--no-install` | refusal | refusal |

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::OnceLock;

use thiserror::Error;

/// The user's decision about installing, as the command line states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// The user is asked, if there is a terminal to ask on.
    #[default]
    Asked,
    /// `--yes`.
    Given,
    /// `--no-install`.
    Withheld,
}

/// A missing thing that the user does not want to have installed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{missing}; {reason}; run `{command}`")]
pub struct NotInstalled {
    /// The missing thing.
    pub missing: String,
    /// The reason why it is not installed.
    pub reason: &'static str,
    /// The command that would install it.
    pub command: String,
}

/// The decision of this process, made once.
static CONSENT: OnceLock<Consent> = OnceLock::new();

/// Stores the decision of the command line. The first one stays.
pub fn decide(consent: Consent) {
    let _ = CONSENT.set(consent);
}

/// Obtains the consent to run `command`, or an equivalent of it, because of what is `missing`.
///
/// # Errors
/// [`NotInstalled`] if the user refuses.
pub(super) fn obtain(missing: &str, command: &str) -> Result<(), NotInstalled> {
    let consent = CONSENT.get().copied().unwrap_or_default();
    let refused = |reason| NotInstalled { missing: missing.to_owned(), reason, command: command.to_owned() };
    match consent {
        Consent::Given => Ok(()),
        Consent::Withheld => Err(refused("--no-install forbids to install it")),
        Consent::Asked if !io::stdin().is_terminal() => Ok(()),
        Consent::Asked => {
            let question = format!("setup: {missing}\nsetup: install it by `{command}`? [Y/n] ");
            match ask(&question, &mut io::stdin().lock(), &mut io::stderr()) {
                Ok(true) => Ok(()),
                _ => Err(refused("the answer was no")),
            }
        }
    }
}

/// Asks until the answer is yes or no. Enter means yes, the end of the input means no.
fn ask(question: &str, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<bool> {
    loop {
        write!(output, "{question}")?;
        output.flush()?;
        let mut answer = String::new();
        if input.read_line(&mut answer)? == 0 {
            writeln!(output)?;
            return Ok(false);
        }
        match answer.trim().to_ascii_lowercase().as_str() {
            "" | "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_answer_counts() {
        for (answer, expected, questions) in [
            ("\n", true, 1),
            ("y\n", true, 1),
            ("YES\n", true, 1),
            ("n\n", false, 1),
            ("", false, 1),
            ("what?\nno\n", false, 2),
            ("what?\n\n", true, 2),
            ("what?", false, 2),
        ] {
            let mut asked = Vec::new();
            let found = ask("install? ", &mut answer.as_bytes(), &mut asked).expect("no error");
            let times = String::from_utf8_lossy(&asked).matches("install?").count();
            assert_eq!((found, times), (expected, questions), "{answer:?}");
        }
    }
}
