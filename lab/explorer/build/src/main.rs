//! Builds the explorer's page.
//!
//! ```text
//! cargo run                             engine and page, into crates/landfall-explorer/dist
//! cargo run -- page                     the page alone, with the engine of the last build
//! cargo run -- record kernel FLAT       the kernel that a page has without any file
//! cargo run -- record boot FLAT ELF     the kernel that the page boots
//! cargo run -- record boards FOLDER     the boards, from the trees that Linux ships
//! ```
//!
//! Run it in `lab/explorer`.

mod boards;
mod boot;
mod engine;
mod page;
mod paths;

use std::fs;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            page::build(&page::encoded(&engine::build()?))?;
            let checkout = paths::checkout();
            fs::write(checkout.join(landfall_inputs::LIST), landfall_inputs::list(&checkout)?)?;
            Ok(())
        }
        ["page"] => page::build(&page::built_engine()?),
        ["record", "kernel", path] => boards::record_kernel(path.as_ref()),
        ["record", "boot", flat, elf] => boot::record(flat.as_ref(), elf.as_ref()),
        ["record", "boards", folder] => boards::record(folder.as_ref()),
        _ => bail!("write nothing, page, record kernel FLAT, record boot FLAT ELF, or record boards FOLDER"),
    }
}
