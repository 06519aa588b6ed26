//! JSON to facts. The file comes from anywhere: what is wrong with it is named, and nothing that a
//! device tree could not say is taken from it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use landfall_image::feature::{Feature, Features};
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::{BootOptions, ImageFacts, InitrdFault, MemoryTypes, OtherHarts, PlacedImage};
use landfall_plan::harts::{Extension, Extensions, Hart, Harts, MAX_HARTS, Mmu};
use landfall_plan::memory::{MAX_RANGES, PhysRangeSet};
use landfall_plan::{Facts, Plan, Policy};
use serde_json::Value;

use super::error::{FactsError, FileError};
use super::escape::unescape;
use super::field::Field;
use super::{FORMAT, FactsFile, MAX_SIZE, Probe};
use crate::board::PHYSICAL_MEMORY;
use crate::seeds::RawSeeds;

type Read<T> = Result<T, FileError>;

const PAGE: u64 = 4096;
/// The linker script's limit of an image.
const LARGEST_IMAGE: u64 = 0x7000_0000;

/// Reads the file at `path`.
///
/// # Errors
/// [`FactsError`] names the key that is not as it must be, what was found, and what would be right.
pub fn read(path: &Path) -> Result<FactsFile, FactsError> {
    let error = |source| FactsError { path: path.to_owned(), source };
    let mut text = Vec::new();
    let file = File::open(path).map_err(|source| error(source.into()))?;
    file.take(MAX_SIZE + 1).read_to_end(&mut text).map_err(|source| error(source.into()))?;
    if text.len() as u64 > MAX_SIZE {
        return Err(error(FileError::Large { limit: MAX_SIZE }));
    }
    FactsFile::parse(&text).map_err(error)
}

impl FactsFile {
    /// Reads a file's content.
    ///
    /// # Errors
    /// As [`read`].
    pub fn parse(text: &[u8]) -> Read<Self> {
        let value: Value = serde_json::from_slice(text)?;
        let root = Field::root(&value);
        let format = Format(version(&root, "format", FORMAT)?);
        let plan_version = version(&root, "plan_version", Plan::VERSION.into())?;
        let mode = root.get("mode", MODE)?;
        let (facts, command_line) = facts(&root.get("facts", "an object")?, format)?;
        let entropy = root.get("entropy", "an object")?;
        Ok(Self {
            plan_version: u32::try_from(plan_version).unwrap_or(Plan::VERSION),
            facts,
            command_line,
            policy: policy(&root)?,
            missing: missing(&root)?,
            slots: root.get("slots", COUNT)?.count(COUNT)?,
            probe: match mode.is_null() {
                true => Probe::NotRun,
                false if mode.text(MODE)? == "none" => Probe::TookNothing,
                false => Probe::Took(mode_of(&mode, MODE)?),
            },
            seeds: RawSeeds {
                kaslr: seed(&entropy, "kaslr_seed")?,
                rng: seed(&entropy, "rng_seed")?,
                zkr: seed(&entropy, "zkr")?,
            },
        })
    }
}

const MODE: &str = "\"sv39\", \"sv48\", \"sv57\", \"none\" or null";
const COUNT: &str = "a whole number below 2^64, without sign or fraction";

fn version(root: &Field<'_>, key: &'static str, known: u64) -> Read<u64> {
    let found = root.get(key, &known.to_string())?.count(&known.to_string())?;
    if (1..=known).contains(&found) { Ok(found) } else { Err(FileError::Version { key, found, known }) }
}

/// The version of the file's format, and so which keys it has.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Format(u64);

impl Format {
    /// Text without escapes; no faults of the initrd, no kexec, and of extensions Svnapot alone.
    const FIRST: Self = Self(1);
}

fn mode_of(field: &Field<'_>, right: &str) -> Read<Mode> {
    Mode::from_name(field.text(right)?).map_or_else(|| field.wrong(right), Ok)
}

fn policy(root: &Field<'_>) -> Read<Policy> {
    let right = format!("a policy record: {} bytes in hex", Policy::RECORD_SIZE);
    let field = root.get("policy", &right)?;
    let bytes = field.bytes(&right)?;
    match bytes.first_chunk().map(|version| Policy::record_size(u32::from_le_bytes(*version))) {
        Some(Some(size)) if size != bytes.len() => field.wrong(&right),
        None => field.wrong(&right),
        Some(_) => Policy::read(&bytes).map_err(FileError::Policy),
    }
}

/// A file that was written before there were features has no such key, and its kernel all of them.
fn missing(root: &Field<'_>) -> Read<Features> {
    let right = "a list of features of the crate `landfall`, by their names";
    let Some(list) = root.find("compiled_out", right)? else { return Ok(Features::NONE) };
    list.list(right)?.iter().try_fold(Features::NONE, |missing, name| {
        let text = name.text(right)?;
        let feature = Feature::ALL.iter().copied().find(|feature| feature.name() == text);
        feature.map_or_else(|| name.wrong(right), |feature| Ok(missing.with(feature)))
    })
}

fn seed(entropy: &Field<'_>, key: &str) -> Read<Option<Vec<u8>>> {
    const RIGHT: &str = "bytes in hex, or null";
    let field = entropy.get(key, RIGHT)?;
    if field.is_null() { Ok(None) } else { field.bytes(RIGHT).map(Some) }
}

fn facts(field: &Field<'_>, format: Format) -> Read<(Facts, Vec<u8>)> {
    let count = |key| field.get(key, COUNT)?.count(COUNT);
    let small =
        |key| u32::try_from(count(key)?).or_else(|_| field.get(key, "")?.wrong("a number below 2^32"));
    let tree = range(&field.get("tree", RANGE)?)?;
    if tree.size() > landfall_tree::Tree::MAX_SIZE as u64 {
        return field.get("tree", "")?.get("size", "")?.wrong("2 MiB at most, as for any device tree");
    }
    let initrd = field.get("initrd", RANGE)?;
    let line = field.get("command_line", "an object")?;
    let text = line.get("text", LINE)?;
    let text = match format {
        Format::FIRST => text.text(LINE)?.as_bytes().to_vec(),
        _ => unescape(text.text(LINE)?).map_or_else(|| text.wrong(LINE), Ok)?,
    };
    let start = line.get("start", "an address")?.address()?;
    let mut facts = Facts::UNKNOWN;
    facts.ram = set(field, "ram")?;
    facts.no_map = set(field, "no_map")?;
    facts.reserved = set(field, "reserved")?;
    facts.unplaced_reservations = small("unplaced_reservations")?;
    let image = image(&field.get("image", "an object")?)?;
    (facts.image, facts.loaded) = (image.parts, image.base);
    facts.tree = tree;
    facts.initrd = if initrd.is_null() { None } else { Some(range(&initrd)?) };
    if format != Format::FIRST {
        facts.initrd_fault = initrd_fault(&field.get("initrd_fault", INITRD_FAULT)?)?;
        facts.kexec = field.get("kexec", "true or false")?.truth()?;
    }
    facts.command_line = PhysRange::new(PhysAddr::new(start), text.len() as u64);
    facts.options = BootOptions::parse(&text);
    facts.harts = harts(field, format)?.with_beyond(small("harts_beyond")?);
    facts.boot_hart = count("boot_hart")?;
    facts.timebase = count("timebase")?;
    facts.memory_types = choice(
        &field.get("memory_types", "a string")?,
        [("standard", MemoryTypes::Standard), ("thead", MemoryTypes::Thead)],
    )?;
    facts.other_harts = choice(
        &field.get("other_harts", "a string")?,
        [("with-firmware", OtherHarts::WithFirmware), ("in-image", OtherHarts::InImage)],
    )?;
    Ok((facts, text))
}

const LINE: &str = "a string in which a \\ begins \\\\ or \\xNN";

const INITRD_FAULT: &str = "{\"start\": ADDRESS, \"end\": ADDRESS}, \"no-end\", \"no-start\" or null";

fn initrd_fault(field: &Field<'_>) -> Read<Option<InitrdFault>> {
    if field.is_null() {
        return Ok(None);
    }
    let address = |key| -> Read<PhysAddr> { Ok(PhysAddr::new(field.get(key, "an address")?.address()?)) };
    match field.text(INITRD_FAULT) {
        Ok("no-end") => Ok(Some(InitrdFault::NoEnd)),
        Ok("no-start") => Ok(Some(InitrdFault::NoStart)),
        Ok(_) => field.wrong(INITRD_FAULT),
        Err(_) => Ok(Some(InitrdFault::Reversed { start: address("start")?, end: address("end")? })),
    }
}

fn choice<T: Copy>(field: &Field<'_>, choices: [(&str, T); 2]) -> Read<T> {
    let right = format!("\"{}\" or \"{}\"", choices[0].0, choices[1].0);
    let text = field.text(&right)?;
    let found = choices.iter().find(|(name, _)| *name == text);
    found.map_or_else(|| field.wrong(&right), |(_, choice)| Ok(*choice))
}

const RANGE: &str = "a range: {\"start\": ADDRESS, \"size\": BYTES} that ends below 2^64";

fn range(field: &Field<'_>) -> Read<PhysRange> {
    let start = field.get("start", "an address")?.address()?;
    let size = field.get("size", COUNT)?.count(COUNT)?;
    match start.checked_add(size) {
        Some(_) => Ok(PhysRange::new(PhysAddr::new(start), size)),
        None => field.wrong(RANGE),
    }
}

fn set(facts: &Field<'_>, key: &str) -> Read<PhysRangeSet> {
    let right = format!("a list of at most {MAX_RANGES} separate ranges");
    let list = facts.get(key, &right)?;
    let mut set = PhysRangeSet::EMPTY;
    for item in list.list(&right)? {
        let found = range(&item)?;
        if found != found.pages_within() {
            return item.wrong("a range of whole pages of 4 KiB");
        }
        if set.insert(found).is_err() {
            return list.wrong(&right);
        }
    }
    Ok(set)
}

fn image(field: &Field<'_>) -> Read<PlacedImage> {
    let part = |key| {
        const RIGHT: &str = "bytes: a multiple of 4096, below 0x70000000";
        let part = field.get(key, RIGHT)?;
        match part.count(RIGHT)? {
            size if size.is_multiple_of(PAGE) && size < LARGEST_IMAGE => Ok(size),
            _ => part.wrong(RIGHT),
        }
    };
    let base = field.get("base", "an address")?;
    let parts = ImageFacts {
        text: part("text")?,
        constants: part("constants")?,
        early: part("early")?,
        data: part("data")?,
    };
    let image = parts.at(PhysAddr::new(base.address()?));
    if image.base.get() >= PHYSICAL_MEMORY - LARGEST_IMAGE {
        return base.wrong("an address below 2^56, so that the image ends below it too");
    }
    if parts.text == 0 || image.size() >= LARGEST_IMAGE {
        return field.wrong("an image with some text, and below 0x70000000 bytes in all");
    }
    Ok(image)
}

fn harts(facts: &Field<'_>, format: Format) -> Read<Harts> {
    const MMU: &str = "\"none\", \"sv39\", \"sv48\", \"sv57\" or null";
    let right = format!("a list of at most {MAX_HARTS} harts, each id once");
    let list = facts.get("harts", &right)?;
    let items = list.list(&right)?;
    let mut harts = Harts::EMPTY;
    for item in &items {
        let mmu = item.get("mmu", MMU)?;
        harts.push(Hart {
            id: item.get("id", COUNT)?.count(COUNT)?,
            mmu: match mmu.is_null() {
                true => Mmu::Unstated,
                false if mmu.text(MMU)? == "none" => Mmu::None,
                false => Mmu::Upto(mode_of(&mmu, MMU)?),
            },
            extensions: match format {
                Format::FIRST if item.get("svnapot", "true or false")?.truth()? => {
                    [Extension::Svnapot].into_iter().collect()
                }
                Format::FIRST => Extensions::NONE,
                _ => extensions(item)?,
            },
        });
    }
    if harts.len() == items.len() { Ok(harts) } else { list.wrong(&right) }
}

fn extensions(hart: &Field<'_>) -> Read<Extensions> {
    let right = format!(
        "a list of extensions: {}",
        Extension::ALL.iter().copied().map(Extension::name).collect::<Vec<_>>().join(", ")
    );
    let names = hart.get("extensions", &right)?.list(&right)?;
    let extension = |name: &Field<'_>| {
        Extension::from_name(name.text(&right)?.as_bytes()).map_or_else(|| name.wrong(&right), Ok)
    };
    names.iter().map(extension).collect()
}
