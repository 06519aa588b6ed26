//! The page: script and style in one file, with places for documents and engine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use landfall_explorer::places;
use sha2::{Digest, Sha256};

use crate::paths::explorer;

const HEAD: &str = "<!--landfall:head-->";
const BODY: &str = "<!--landfall:body-->";

/// The most bytes of a page without documents.
const LIMIT: usize = 3_000_000;

fn result() -> PathBuf {
    explorer().join("dist/explorer.html")
}

/// Returns a module as the page has it.
pub(crate) fn encoded(module: &[u8]) -> String {
    STANDARD.encode(module)
}

/// Returns the engine in the page of the last build.
pub(crate) fn built_engine() -> Result<String> {
    let page = fs::read_to_string(result())?;
    let engine = page.split_once(places::ENGINE).and_then(|(_, rest)| rest.split_once('<'));
    Ok(engine.context("the built page has no engine; build all")?.0.to_owned())
}

/// Bundles `page` and `engine` into `dist/explorer.html`.
pub(crate) fn build(engine: &str) -> Result<()> {
    let folder = explorer().join("page");
    let script = bundle("src/main.js", &["--format=esm", "--alias:landfall:engine=./loader.js"])?;
    let style = bundle("style.css", &[])?;
    for (name, text) in [("the script", &script), ("the style sheet", &style)] {
        // Neither may end its own element.
        ensure!(!text.contains("</s"), "{name} contains \"</s\"");
        ensure!(!text.contains("<!--"), "{name} contains \"<!--\"");
    }
    let policy = format!(
        "default-src 'none'; script-src '{}' 'wasm-unsafe-eval'; style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(&style),
    );
    let head =
        format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<style>{style}</style>");
    let body = format!(
        "<script type=\"application/json\" {}\n\
         <script type=\"text/plain\" {}{engine}</script>\n\
         <script type=\"module\">{script}</script>",
        places::DOCUMENTS,
        places::ENGINE,
    );
    let source = fs::read_to_string(folder.join("index.html"))?;
    let page = fill(&fill(&source, HEAD, &head)?, BODY, &body)?;
    ensure!(page.len() < LIMIT, "the page has {} bytes; the limit is {LIMIT}", page.len());
    println!("the page has {} bytes", page.len());
    fs::write(result(), page)?;
    Ok(())
}

fn bundle(entry: &str, more: &[&str]) -> Result<String> {
    let folder = explorer().join("page");
    let esbuild = folder.join("node_modules/.bin/esbuild");
    if !esbuild.exists() {
        let status = Command::new("npm").arg("ci").current_dir(&folder).status().context("npm")?;
        ensure!(status.success(), "npm ci failed");
    }
    let output = Command::new(esbuild)
        .current_dir(&folder)
        .args([
            entry,
            "--bundle",
            "--minify",
            "--charset=ascii",
            "--legal-comments=none",
            "--log-level=warning",
        ])
        .args(more)
        .output()?;
    if !output.status.success() {
        bail!("{entry} does not build: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn fill(text: &str, place: &str, content: &str) -> Result<String> {
    ensure!(text.matches(place).count() == 1, "the page must have {place} once");
    Ok(text.replacen(place, content, 1))
}

/// Returns the hash of an element's text, as a Content-Security-Policy has it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
