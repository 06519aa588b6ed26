//! The choices of a run, and how often there was one.

use super::{Liberties, Liberty};

/// The choices that are made at all: those of one liberty from the first to one of its events.
///
/// A search for the decisive choice narrows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Focus {
    /// The liberty.
    pub(crate) liberty: Liberty,
    /// The number of the machine's choices under it that are made; later ones are plain.
    pub(crate) events: u64,
}

/// The source of all choices of a run.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    seed: u64,
    taken: Liberties,
    focus: Option<Focus>,
    /// The number of choices, by hart and liberty; the machine's own are in the last row.
    events: Vec<[u64; Liberty::ALL.len()]>,
    /// The number of choices with two possible results or more, by liberty.
    opportunities: [u64; Liberty::ALL.len()],
    /// The effect of the last choice under the liberty of the focus.
    effect: Option<String>,
}

impl Choices {
    /// Returns the choices of a machine with `harts` harts.
    pub(crate) fn new(seed: u64, taken: Liberties, harts: usize) -> Self {
        Self {
            seed,
            taken,
            focus: None,
            events: vec![[0; Liberty::ALL.len()]; harts + 1],
            opportunities: [0; Liberty::ALL.len()],
            effect: None,
        }
    }

    /// Returns the same choices, with those under one liberty made up to an event only.
    pub(crate) fn focused(mut self, focus: Focus) -> Self {
        self.focus = Some(focus);
        self
    }

    /// Returns true if the machine takes the liberty.
    pub(crate) const fn takes(&self, liberty: Liberty) -> bool {
        self.taken.has(liberty)
    }

    /// Returns the liberties that the machine takes.
    pub(crate) const fn taken(&self) -> Liberties {
        self.taken
    }

    /// Returns the seed.
    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the number of choices with two possible results or more.
    pub(crate) const fn opportunities(&self, liberty: Liberty) -> u64 {
        self.opportunities[liberty as usize]
    }

    /// Returns the liberty whose decisive choice is searched for.
    pub(crate) fn focus(&self) -> Option<Liberty> {
        self.focus.map(|focus| focus.liberty)
    }

    /// Notes the effect of a choice that was made, if a search asks for those of its liberty.
    pub(crate) fn note(&mut self, liberty: Liberty, effect: impl FnOnce() -> String) {
        if self.focus() == Some(liberty) {
            self.effect = Some(effect());
        }
    }

    /// Returns the effect of the last choice that was noted.
    pub(crate) fn effect(&self) -> Option<&str> {
        self.effect.as_deref()
    }

    /// Chooses one of `options` results; 0 is the plain one.
    ///
    /// `hart` is the index of the hart that chooses, or [`Choices::machine`].
    pub(crate) fn choose(&mut self, hart: usize, liberty: Liberty, options: u64) -> u64 {
        if options < 2 || !self.taken.has(liberty) {
            return 0;
        }
        let event = &mut self.events[hart][liberty as usize];
        *event += 1;
        let event = *event;
        if !self.is_made(liberty) {
            return 0;
        }
        mix(&[self.seed, hart as u64, liberty as u64, event]) % options
    }

    /// Chooses one of `options` results for all harts: calls with the same `salt` agree.
    pub(crate) fn shared(&mut self, liberty: Liberty, salt: u64, options: u64) -> u64 {
        if options < 2 || !self.taken.has(liberty) {
            return 0;
        }
        if !self.is_made(liberty) {
            return 0;
        }
        mix(&[self.seed, self.machine() as u64, liberty as u64, 0x7368_6172_6564, salt]) % options
    }

    /// Chooses where a machine with the liberty takes it each time: the plain result is `false`.
    pub(crate) fn each_time(&mut self, liberty: Liberty) -> bool {
        self.taken.has(liberty) && self.is_made(liberty)
    }

    /// Counts a choice, and returns false if it comes after those that are made.
    fn is_made(&mut self, liberty: Liberty) -> bool {
        let count = &mut self.opportunities[liberty as usize];
        *count += 1;
        !self.focus.is_some_and(|focus| focus.liberty == liberty && focus.events < *count)
    }

    /// Returns true in `part` of `whole` cases.
    pub(crate) fn chance(&mut self, hart: usize, liberty: Liberty, part: u64, whole: u64) -> bool {
        let drawn = self.choose(hart, liberty, whole);
        // 0 is the plain result, so it stands for "no".
        drawn != 0 && drawn <= part
    }

    /// Chooses whether a hart uses the past where it may.
    ///
    /// Most do, so that one use is enough to find a missing fence. For some seeds every fourth does
    /// not, so that past and present mix.
    pub(crate) fn uses_past(&mut self, hart: usize, liberty: Liberty) -> bool {
        let is_mixed = mix(&[self.seed, liberty as u64]).is_multiple_of(8);
        self.chance(hart, liberty, if is_mixed { 11 } else { 15 }, 16)
    }

    /// Returns the index for choices that no hart makes.
    pub(crate) fn machine(&self) -> usize {
        self.events.len() - 1
    }

    /// Returns a value that depends on the seed and on `salt` alone: contents of memory, for
    /// example.
    pub(crate) fn noise(&self, salt: u64) -> u64 {
        mix(&[self.seed, 0x006e_6f69_7365, salt])
    }
}

/// Returns a hash of the words, by the finalizer of `SplitMix64`.
fn mix(words: &[u64]) -> u64 {
    words.iter().fold(0x9e37_79b9_7f4a_7c15, |state, &word| {
        let mut z = state.wrapping_add(word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    })
}
