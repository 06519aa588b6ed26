//! `landfall vmmap` in both debuggers, against the walker of `landfall-judge` on the machine's RAM,
//! which QEMU itself writes to a file.

use std::fs;
use std::path::Path;

use landfall_host::setup::Debugger;
use landfall_judge::Extensions;
use landfall_judge::walk::Root;
use serde_json::Value;

use super::machines::Debugged;
use super::{Bench, Speaker, path};
use crate::image::at;
use crate::matrix::RAM;
use crate::session::as_text;

const MEMORY: u64 = 128 << 20;

/// A leaf: virtual and physical address, bytes, and flags as text.
type Row = (u64, u64, u64, String);

/// Before the landing there are no tables. In `main` each leaf is that of the judge, and the last
/// entry that leads to an address is that of the memory.
pub(super) fn equals_the_tables(bench: &Bench, speaker: Speaker) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--memory", &MEMORY.to_string()])?;
    let file = machine.folder.path().join("ram");
    let save = format!("pmemsave {RAM:#x} {MEMORY:#x} \"{}\"", path(&file));
    let (save, before) = match speaker.debugger {
        Debugger::Gdb => (format!("monitor {save}"), "landfall vmmap".to_owned()),
        // A command that fails ends a batch.
        Debugger::Lldb => (
            format!("process plugin packet monitor {save}"),
            "script lldb.debugger.HandleCommand('landfall vmmap')".to_owned(),
        ),
    };
    let commands = [
        "help landfall vmmap",
        &before,
        &format!("tbreak {}", speaker.main),
        "continue",
        speaker.stop,
        "landfall vmmap --json",
        "landfall vmmap",
        &format!("landfall vmmap {}", speaker.main),
        "landfall vmmap --executable",
        &save,
        "kill",
    ];
    let transcript = machine.send(speaker.debugger, &commands)?;
    judge(&transcript, &file).map_err(|error| format!("{error}: {transcript}"))
}

fn judge(transcript: &str, ram: &Path) -> Result<(), String> {
    for words in ["translation is off", "names another root"] {
        if !transcript.contains(words) {
            return Err(format!("no \"{words}\""));
        }
    }
    let stop = transcript.lines().find_map(|line| line.strip_prefix("stop: ")).ok_or("no stop")?;
    let satp = stop.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or("no satp")?;
    let ram = as_text(fs::read(ram))?;
    let word = |address: u64| {
        let bytes = address.checked_sub(RAM).and_then(|from| ram.get(at(from)..)?.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    let root = as_text(Root::from_satp(satp))?.with_extensions(Extensions::Svnapot);
    let walk = root.walk(word);
    let right: Vec<Row> = walk.leaves.iter().map(row).collect();
    let json = transcript.lines().find(|line| line.starts_with("{\"audit_format\"")).ok_or("no JSON")?;
    let found = leaves(&as_text(serde_json::from_str(json))?).ok_or("JSON of another shape")?;
    if right.len() < 3 || found != right {
        return Err(format!("the tables have the leaves {right:x?}, and vmmap {found:x?}"));
    }
    // The address of `main`: its permission, and the last entry.
    let executable: Vec<_> = right.iter().filter(|row| row.3.starts_with("R-X")).collect();
    let line = transcript.lines().find(|line| line.contains("level 0") || line.contains("level 1"));
    let line = line.ok_or("no entry")?;
    let entry =
        line.split_whitespace().find_map(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok());
    let entry = entry.filter(|entry| line.contains(&format!("{:#018x}", word(*entry))));
    entry.ok_or_else(|| format!("an entry that the memory does not have: {line}"))?;
    if !transcript.contains(": R-X -GAD at 0x") || executable.is_empty() {
        return Err("main is not executable".to_owned());
    }
    // One row for each run of executable leaves.
    let rows = transcript.lines().filter(|line| line.contains("  R-X -GAD at 0x"));
    if rows.count() < 2 {
        return Err("no row of executable mappings".to_owned());
    }
    Ok(())
}

fn row(leaf: &landfall_judge::entry::Leaf) -> Row {
    let flags = leaf.flags;
    let letter = |(is_set, letter): (bool, char)| if is_set { letter } else { '-' };
    let access = [(flags.r(), 'R'), (flags.w(), 'W'), (flags.x(), 'X')].map(letter);
    let others = [(flags.u(), 'U'), (flags.g(), 'G'), (flags.a(), 'A'), (flags.d(), 'D')].map(letter);
    let text = [access.iter().collect::<String>(), others.iter().collect()].join(" ");
    (leaf.virt, leaf.phys, leaf.size, text)
}

/// Returns the leaves of an audit.
fn leaves(json: &Value) -> Option<Vec<Row>> {
    let number = |value: &Value| u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok();
    let mut leaves = Vec::new();
    for mapping in json["roots"][0]["mappings"].as_array()? {
        let (virt, phys) = (number(&mapping["virtual"])?, number(&mapping["physical"])?);
        let size = match mapping["leaf"].as_str()? {
            "4K" => 1_u64 << 12,
            "64K" => 1 << 16,
            "2M" => 1 << 21,
            "1G" => 1 << 30,
            _ => return None,
        };
        let text = format!("{} {}", mapping["access"].as_str()?, mapping["flags"].as_str()?);
        let each = (0..mapping["size"].as_u64()? / size).map(|leaf| leaf * size);
        leaves.extend(each.map(|offset| (virt + offset, phys + offset, size, text.clone())));
    }
    Some(leaves)
}

/// Modules that the kernel has loaded are a region of their own.
pub(super) fn names_the_modules(transcript: &str) -> Result<(), String> {
    if transcript.contains("  region modules: ") && transcript.contains("R-X -GAD") {
        Ok(())
    } else {
        Err(format!("vmmap does not show the module's code: {transcript}"))
    }
}
