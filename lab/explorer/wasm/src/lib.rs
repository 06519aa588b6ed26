//! The engine of the page: text in, text out.
//!
//! A panic ends the instance. The hook passes its message to the page first, which starts another.

use std::cell::RefCell;
use std::sync::Once;

use landfall_explorer_boot::{Boot, Request};
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Receives the message of a panic. `page/loader.js` defines it.
    #[wasm_bindgen(js_namespace = globalThis, js_name = landfallPanic)]
    fn landfall_panic(message: &str);
}

fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|info| landfall_panic(&info.to_string()))));
}

/// Answers a request.
#[must_use]
#[wasm_bindgen]
pub fn predict(request: &str) -> String {
    report_panics();
    landfall_explorer::predict(request)
}

/// Returns the choices of a form.
#[must_use]
#[wasm_bindgen]
pub fn catalog(request: &str) -> String {
    report_panics();
    landfall_explorer::catalog(request)
}

thread_local! {
    /// The boot of the page. A page has one at a time.
    static BOOT: RefCell<Option<Boot>> = const { RefCell::new(None) };
}

/// Boots the machine of a request to its end once, and returns the steps of its run.
#[must_use]
#[wasm_bindgen]
pub fn boot_start(request: &str) -> String {
    report_panics();
    let start = || {
        let request: Request = serde_json::from_str(request).map_err(|error| error.to_string())?;
        let boot = Boot::start(&request)?;
        let summary = boot.summary();
        BOOT.set(Some(boot));
        Ok(summary)
    };
    answer(start())
}

/// Goes to an instruction of the run, and returns the state of the machine.
#[must_use]
#[wasm_bindgen]
pub fn boot_go(to: u32) -> String {
    report_panics();
    answer(with_boot(|boot| Ok(boot.go(u64::from(to)))))
}

/// Returns an audit of the kernel's tables, as they are now.
#[must_use]
#[wasm_bindgen]
pub fn boot_tables() -> String {
    report_panics();
    with_boot(Boot::tables).unwrap_or_else(|error| json!({ "error": error }).to_string())
}

fn with_boot<T>(work: impl FnOnce(&mut Boot) -> Result<T, String>) -> Result<T, String> {
    BOOT.with_borrow_mut(|boot| boot.as_mut().map_or_else(|| Err("nothing was booted".to_owned()), work))
}

fn answer(result: Result<Value, String>) -> String {
    result.unwrap_or_else(|error| json!({ "error": error })).to_string()
}

/// Panics with `message`, so that a test sees the page go on.
///
/// # Panics
/// Always.
#[must_use]
#[wasm_bindgen]
pub fn fail(message: &str) -> String {
    report_panics();
    panic!("{message}")
}
