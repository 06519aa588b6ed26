//! An exemption from the length of sentences is needed where it stands.

use super::{Fault, Rule, length};
use crate::markdown::Passage;
use crate::sentence::sentences;

/// Returns a fault for each exempt list or table without a long sentence.
#[must_use]
pub fn faults(passages: &[Passage]) -> Vec<Fault> {
    let runs = passages.chunk_by(|one, other| one.is_exempt == other.is_exempt);
    let needless = runs.filter(|run| run[0].is_exempt && !run.iter().any(is_long));
    let text = "no sentence of this list is too long; remove the exemption";
    needless.map(|run| Fault { line: run[0].line, rule: Rule::Exemption, text: text.to_owned() }).collect()
}

fn is_long(passage: &Passage) -> bool {
    sentences(&passage.text).into_iter().any(|sentence| length::fault(sentence).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::passages;

    fn lines(text: &str) -> Vec<usize> {
        let numbers: Vec<usize> = (1..=text.lines().count()).collect();
        faults(&passages(text, &numbers)).iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn an_exemption_without_need_is_a_fault() {
        let long = vec!["a"; 30].join(" ");
        assert_eq!(lines("b\n\n<!-- prose: list -->\n\n- c\n- d\n"), [5]);
        assert_eq!(lines(&format!("b\n\n<!-- prose: list -->\n\n- c\n- {long}\n")), [0usize; 0]);
    }
}
