//! The debugger at the other end of two pipes.
//!
//! A question is a line. An answer is a status, the number of its bytes, and its bytes. The status
//! is 1, or 0 before the text of an error. The number has 32 bits, in little-endian order.
//!
//! | question | answers |
//! |---|---|
//! | `pages ADDRESS...` | one for each address: 4096 bytes of physical memory |
//! | `satp` | the register of the selected hart, in decimal |
//! | `value EXPRESSION` | the value of a user's expression, in decimal |
//! | `ram` | QEMU's `info mtree -f` |

use std::collections::HashMap;
use std::io::{Read, Write};

use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::{PAGE, Phys, Span};

use crate::audit::live::flat_view;

/// The largest answer that is read.
const LARGEST: u32 = 16 << 20;
/// Pages beyond this number are not kept: 256 MiB.
const MOST_KEPT: usize = 1 << 16;

/// A debugger.
#[derive(Debug)]
pub(super) struct Debugger<R, W> {
    answers: R,
    questions: W,
    /// The memory that can be read; `None` if the debugger does not know.
    present: Option<Vec<Span<Phys>>>,
    /// Pages that were read or announced. A table may serve at several addresses.
    pages: HashMap<Phys, Result<Box<Page>, Missing>>,
}

impl<R: Read, W: Write> Debugger<R, W> {
    pub(super) fn new(answers: R, questions: W) -> Self {
        Self { answers, questions, present: None, pages: HashMap::new() }
    }

    /// Ends the questions.
    pub(super) fn into_questions(self) -> W {
        self.questions
    }

    /// Returns the register of the selected hart.
    pub(super) fn satp(&mut self) -> Result<u64, String> {
        self.ask("satp").and_then(|answer| number(&answer))
    }

    /// Returns the value of a user's expression.
    pub(super) fn value(&mut self, expression: &str) -> Result<u64, String> {
        // A question is one line.
        let expression = expression.replace(['\n', '\r'], " ");
        self.ask(&format!("value {expression}")).and_then(|answer| number(&answer))
    }

    /// Asks for RAM and ROM, and from now on reads no other address: a device may change when it is
    /// read. Returns nothing for a machine that does not know, and reads all of its addresses.
    pub(super) fn memory(&mut self) -> Vec<Span<Phys>> {
        let answer = self.ask("ram").unwrap_or_default();
        let memory = flat_view::memory(&String::from_utf8_lossy(&answer));
        if !memory.is_empty() {
            self.present = Some(memory.clone());
        }
        memory
    }

    fn ask(&mut self, question: &str) -> Result<Vec<u8>, String> {
        self.send(question)?;
        self.answer()
    }

    fn send(&mut self, question: &str) -> Result<(), String> {
        let sent = writeln!(self.questions, "{question}").and_then(|()| self.questions.flush());
        sent.map_err(|error| format!("the debugger does not answer: {error}"))
    }

    fn answer(&mut self) -> Result<Vec<u8>, String> {
        let lost = |error| format!("the debugger does not answer: {error}");
        let mut head = [0; 5];
        self.answers.read_exact(&mut head).map_err(lost)?;
        let [status, size @ ..] = head;
        let size = u32::from_le_bytes(size);
        if size > LARGEST {
            return Err(format!("the debugger's answer has {size} bytes"));
        }
        let mut bytes = Vec::new();
        self.answers.by_ref().take(size.into()).read_to_end(&mut bytes).map_err(lost)?;
        if status == 1 { Ok(bytes) } else { Err(String::from_utf8_lossy(&bytes).trim().to_owned()) }
    }

    fn is_present(&self, page: Phys) -> bool {
        let page = Span::new(page, PAGE);
        let holds = |span: &Span<Phys>| span.contains(page.start) && page.end() <= span.end();
        self.present.as_ref().is_none_or(|spans| spans.iter().any(holds))
    }

    /// Reads pages by one question.
    fn fetch(&mut self, pages: &[Phys]) {
        let list: Vec<_> = pages.iter().map(ToString::to_string).collect();
        let sent = self.send(&format!("pages {}", list.join(" ")));
        for at in pages {
            let answer = sent.clone().and_then(|()| self.answer());
            let page = answer.and_then(|bytes| {
                let size = bytes.len();
                Box::<Page>::try_from(bytes.into_boxed_slice()).map_err(|_| format!("a page of {size} bytes"))
            });
            self.pages.insert(*at, page.map_err(Missing::Failed));
        }
    }
}

/// Reads a number in decimal.
fn number(text: &[u8]) -> Result<u64, String> {
    let text = String::from_utf8_lossy(text);
    text.trim().parse().map_err(|_| format!("the debugger's value \"{}\" is not a number", text.trim()))
}

impl<R: Read, W: Write> Memory for Debugger<R, W> {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        if !self.is_present(at) {
            return Err(Missing::Hole);
        }
        if !self.pages.contains_key(&at) {
            self.fetch(&[at]);
        }
        let kept = self.pages.get(&at).cloned().unwrap_or(Err(Missing::Hole));
        if self.pages.len() > MOST_KEPT {
            self.pages.remove(&at);
        }
        *page = *kept?;
        Ok(())
    }

    fn announce(&mut self, pages: &[Phys]) {
        let mut wanted: Vec<_> = pages.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|page| self.is_present(*page) && !self.pages.contains_key(page));
        if !wanted.is_empty() {
            self.fetch(&wanted);
        }
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        self.present.clone().unwrap_or_default()
    }
}
