//! The engine of the page: text in, text out.
//!
//! A panic ends the instance. The hook passes its message to the page first, which starts another.

use std::sync::Once;

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
