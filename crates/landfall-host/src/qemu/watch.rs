//! The watch over a machine: its time limit, and the lines that matter.

use std::time::{Duration, Instant};

use super::console::{Piece, Transcript};
use crate::verdict::{self, Verdict};

/// The time limit for power-off or a panic after the verdict.
pub(crate) const AFTER_VERDICT: Duration = Duration::from_secs(1);

/// EDK2's console goes on in the next line where a line is so long.
const EFI_COLUMNS: usize = 80;

/// The verdict after which a machine gets a moment more, and is ended then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// Any verdict: what follows a landing does not matter.
    Any,
    /// One after which only power-off can follow: a refusal, a panic, an exit.
    Final,
    /// None: the machine ends by itself.
    None,
}

/// The events that end the watch, besides the end of the machine.
#[derive(Clone, Debug)]
pub struct Watch {
    /// A verdict.
    pub last: Last,
    /// A time.
    pub until: Option<Instant>,
    /// A text in a line of the console, whether the line has an end or not.
    pub text: Option<String>,
    /// The kernel to which the verdict and the text belong.
    pub generation: Generation,
}

/// The kernel to which a verdict belongs, if a machine runs several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Generation {
    /// The first kernel.
    #[default]
    First,
    /// The kernel that the first one starts after its landing report.
    Next,
}

/// The end of the watch over a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The machine ended by itself.
    Itself,
    /// Its verdict was known.
    Verdict,
    /// The text was on the console.
    Text,
    /// The time was over.
    Late,
    /// The user ended it.
    User,
}

/// Gets what a console writes.
pub trait Audience {
    /// Bytes, as they come; the end of a line is the last of them, if it is among them.
    fn bytes(&mut self, bytes: &[u8]) {
        let _ = bytes;
    }

    /// A line, after its bytes.
    fn line(&mut self, line: &str);

    /// Nothing has come for a moment.
    fn pause(&mut self) {}

    /// Returns true if the user wants the machine to end.
    fn has_enough(&self) -> bool {
        false
    }
}

/// An audience that looks at lines alone.
#[derive(Debug)]
pub struct ByLine<F>(pub(crate) F);

impl<F: FnMut(&str)> Audience for ByLine<F> {
    fn line(&mut self, line: &str) {
        (self.0)(line);
    }
}

impl Watch {
    /// Up to the first verdict, and at most for `patience`.
    #[must_use]
    pub fn for_verdict(patience: Duration) -> Self {
        let until = Some(Instant::now() + patience);
        Self { last: Last::Any, until, text: None, generation: Generation::First }
    }

    /// Up to the machine's end.
    #[must_use]
    pub const fn to_end() -> Self {
        Self { last: Last::None, until: None, text: None, generation: Generation::First }
    }
}

/// A refusal of which more may come, by a console that cuts lines.
#[derive(Debug)]
struct Cut(String);

impl Cut {
    fn of(line: &str, verdict: Option<&Verdict>) -> Option<Self> {
        let refused = matches!(verdict, Some(Verdict::Refused { .. }));
        (refused && width(line) == EFI_COLUMNS).then(|| Self(line.to_owned()))
    }
}

fn width(line: &str) -> usize {
    line.chars().count()
}

/// The state of a console.
#[derive(Debug)]
pub(crate) struct Seen {
    watch: Watch,
    pub(crate) verdict: Option<Verdict>,
    /// The landing reports so far.
    pub(crate) landings: usize,
    cut: Option<Cut>,
    pub(crate) transcript: Transcript,
    /// The meaning of `until` if it is reached.
    ending: Ending,
    /// When the text was found.
    found: Option<Instant>,
}

/// The time limit for the rest of a line that contains the text, so that it is seen whole.
const AFTER_TEXT: Duration = Duration::from_millis(200);

impl Seen {
    pub(crate) fn new(watch: Watch) -> Self {
        let transcript = Transcript::default();
        Self { watch, verdict: None, landings: 0, cut: None, transcript, ending: Ending::Late, found: None }
    }

    /// Takes a piece, with the line so far where it does not end one.
    pub(crate) fn piece(&mut self, piece: Piece, unfinished: &[u8], audience: &mut dyn Audience) {
        audience.bytes(&piece.bytes);
        match piece.line {
            Some(line) => self.line(line, audience),
            None if self.watch.text.is_some() => self.look(&String::from_utf8_lossy(unfinished)),
            None => {}
        }
    }

    /// Takes a line.
    pub(crate) fn line(&mut self, line: String, audience: &mut dyn Audience) {
        audience.line(&line);
        self.look(&line);
        self.found = self.found.map(|found| found.checked_sub(AFTER_TEXT).unwrap_or(found));
        if let Some(Cut(mut whole)) = self.cut.take() {
            whole.push_str(&line);
            self.verdict = Verdict::of(&whole);
            self.cut = (width(&line) == EFI_COLUMNS).then_some(Cut(whole));
        } else if let Some(verdict) = Verdict::of(&line) {
            self.cut = Cut::of(&line, Some(&verdict));
            let was_first = self.landings == 0 && self.watch.generation == Generation::Next;
            self.landings += usize::from(matches!(verdict, Verdict::Landed(_)));
            if was_first && self.landings == 1 {
                self.transcript.push(line);
                return;
            }
            let is_last = match self.watch.last {
                Last::Any => true,
                Last::Final => verdict.is_final(),
                Last::None => false,
            };
            if is_last && self.ending == Ending::Late {
                let after = Instant::now() + AFTER_VERDICT;
                self.watch.until = Some(self.watch.until.map_or(after, |until| until.min(after)));
                self.ending = Ending::Verdict;
            }
            self.verdict = Verdict::after(self.verdict.take(), verdict);
        }
        self.transcript.push(line);
    }

    /// Takes what there is of a line when the machine is ended.
    pub(crate) fn cut_off(&mut self, line: String, audience: &mut dyn Audience) {
        audience.line(&line);
        self.transcript.push(line);
    }

    /// A text that a user waits for is not waited for in the words of a failure.
    fn look(&mut self, line: &str) {
        let is_judged = self.watch.generation == Generation::First || self.landings != 0;
        let text = self.watch.text.as_deref().filter(|_| self.found.is_none() && is_judged);
        if text.is_some_and(|text| line.contains(text)) && !verdict::is_against(line) {
            self.found = Some(Instant::now());
        }
    }

    /// Returns true if the text was on the console.
    pub(crate) const fn has_text(&self) -> bool {
        self.found.is_some()
    }

    /// Returns true if only power-off or a panic can follow.
    pub(crate) fn has_final_verdict(&self) -> bool {
        self.ending == Ending::Verdict
    }

    /// Returns the end of the watch, if it is over.
    pub(crate) fn over(&self) -> Option<Ending> {
        if self.found.is_some_and(|found| found.elapsed() >= AFTER_TEXT) {
            return Some(Ending::Text);
        }
        self.watch.until.filter(|until| Instant::now() >= *until).map(|_| self.ending)
    }

    /// Returns the end of the watch after the machine has ended.
    pub(crate) const fn at_end(&self) -> Ending {
        if self.found.is_some() { Ending::Text } else { Ending::Itself }
    }

    /// When to look again at the latest.
    pub(crate) fn next_look(&self, patience: Duration) -> Instant {
        let look = Instant::now() + patience;
        self.watch.until.map_or(look, |until| until.min(look))
    }
}
