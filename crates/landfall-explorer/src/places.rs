//! The places of documents and engine in the built page.

/// The documents of a page without any, between the marks of their element.
pub const DOCUMENTS: &str = r#"id="landfall-documents">{"format":1,"documents":[]}</script>"#;

/// The start of the engine, which is base64 up to the end of its element.
pub const ENGINE: &str = r#"id="landfall-engine">"#;
