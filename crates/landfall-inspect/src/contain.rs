//! Panics of parsers that others wrote, turned into errors. They read untrusted files, and one of
//! them overflows where its author saw no overflow.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use thiserror::Error;

thread_local! {
    /// The number of calls of [`contain`] that this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// The source location of the last contained panic.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// A panic, with its message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message} ({place})")]
pub struct Panicked {
    /// The message.
    pub message: String,
    /// File and line of the code that panicked.
    pub place: String,
}

/// Runs `work`, and returns a panic of it as an error, silently: the panic hook prints nothing
/// meanwhile, on this thread.
///
/// Values that `work` was changing may be half changed afterwards; drop them.
///
/// # Errors
/// [`Panicked`] if `work` panics. A program built with `panic = "abort"` ends there all the same.
pub fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    silence();
    DEPTH.set(DEPTH.get() + 1);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(|payload| {
        let place = PLACE.take().unwrap_or_default();
        Panicked { message: message(&*payload), place }
    })
}

/// Puts a hook before the program's own, once, that passes on what is not contained.
fn silence() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                before(info);
            } else {
                PLACE.set(info.location().map(ToString::to_string));
            }
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        assert_eq!(contain(|| 1), Ok(1));
        let index = std::hint::black_box(7);
        for _ in 0..2 {
            let panicked = contain(|| [1, 2, 3][index]).expect_err("there is no such element");
            assert!(panicked.message.contains("index is 7"), "{panicked}");
            assert!(panicked.place.contains("contain.rs:"), "{panicked}");
        }
        assert_eq!(DEPTH.get(), 0);
    }
}
