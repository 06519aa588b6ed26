//! The random operations of one hart.

use landfall::{HartIndex, Landing};

use crate::held::Held;
use crate::machine::Space;
use crate::random::Random;
use crate::shown;
use crate::users::{self, User};

const HELD: usize = 4;

/// A hart, and what it holds.
pub(crate) struct Worker {
    landing: &'static Landing,
    space: &'static Space,
    hart: HartIndex,
    random: Random,
    held: [Option<Held>; HELD],
    /// The mapping that other harts look at.
    shown: usize,
    users: [Option<User>; users::EACH],
}

impl Worker {
    pub(crate) fn new(landing: &'static Landing, space: &'static Space, hart: HartIndex, seed: u64) -> Self {
        let random = Random::new(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(hart.get() + 1 + 8 * seed));
        let (held, users) = ([const { None }; HELD], [const { None }; users::EACH]);
        Self { landing, space, hart, random, held, shown: 0, users }
    }

    /// Does one operation at random.
    pub(crate) fn step(&mut self) {
        match self.random.below(8) {
            0..4 => self.step_held(),
            4 => shown::look(self.random.below(8) as usize),
            5 | 6 => self.step_user(),
            _ => self.switch(),
        }
    }

    fn step_held(&mut self) {
        let index = self.random.below(HELD as u64) as usize;
        if index == self.shown {
            shown::show(self.number(), None);
        }
        match (self.held[index].take(), self.random.below(3)) {
            (None, _) => {
                let tag = self.random.next();
                self.held[index] = Held::new(self.space, &mut self.random, tag);
            }
            (Some(held), 0) => held.end(self.space),
            (Some(mut held), _) => {
                held.change(self.space, &mut self.random);
                self.held[index] = Some(held);
            }
        }
        if let Some(held) = &self.held[index] {
            held.check(self.space);
            if held.shown().is_some() {
                shown::show(self.number(), held.shown());
                self.shown = index;
            }
        }
    }

    fn step_user(&mut self) {
        let index = self.random.below(users::EACH as u64) as usize;
        let place = self.number() * users::EACH + index;
        match self.users[index].take() {
            None => self.users[index] = User::new(self.space, &mut self.random, place),
            Some(user) if self.random.below(8) == 0 => user.end(),
            Some(mut user) => {
                user.step(self.landing, self.hart, &mut self.random);
                self.users[index] = Some(user);
            }
        }
    }

    /// Works in one address space and then in the other: mappings that came after both are in both.
    fn switch(&mut self) {
        let [Some(one), Some(other)] = &self.users else { return };
        let tag = self.random.next();
        let Some(new) = Held::new(self.space, &mut self.random, tag) else { return };
        one.between(other, || {
            new.check(self.space);
            self.held.iter().flatten().for_each(|held| held.check(self.space));
        });
        new.end(self.space);
    }

    /// Ends everything that the hart holds.
    pub(crate) fn end(&mut self) {
        shown::show(self.number(), None);
        self.held.iter_mut().filter_map(Option::take).for_each(|held| held.end(self.space));
        self.users.iter_mut().filter_map(Option::take).for_each(User::end);
    }

    const fn number(&self) -> usize {
        self.hart.get() as usize
    }
}
