//! The engine: WebAssembly, and its bindings to JavaScript.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::paths::{checkout, explorer, workspace};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the engine, writes its bindings, and returns its module.
pub(crate) fn build() -> Result<Vec<u8>> {
    let module = compile()?;
    let mut output = Bindgen::new()
        .input_path(module)
        .out_name("engine")
        .web(true)?
        .typescript(false)
        // The bytes of the module are in the page.
        .omit_default_module_path(true)
        // The engine starts anew after a panic.
        .reset_state_function(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    let dist = explorer().join("dist");
    fs::create_dir_all(&dist)?;
    fs::write(dist.join("bindings.js"), output.js())?;
    let wasm = output.wasm_mut().emit_wasm();
    println!("the engine has {} bytes", wasm.len());
    Ok(wasm)
}

/// Compiles the engine. No path of this machine gets into it.
fn compile() -> Result<PathBuf> {
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(env::home_dir()?.join(".cargo"))).context("no home")?;
    let remap = [(cargo_home, "/cargo"), (checkout(), "/landfall")];
    let remap: Vec<_> = remap.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).into();
    let target = workspace().join("target");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(workspace())
        .args(["build", "--release", "--locked", "--package", "landfall-explorer-wasm", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", remap.join("\u{1f}"))
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_PROFILE_RELEASE_DEBUG")
        .status()?;
    ensure!(status.success(), "the engine does not build");
    Ok(target.join(TARGET).join("release/landfall_explorer_wasm.wasm"))
}
