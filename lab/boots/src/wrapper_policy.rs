//! Policies with which no wrapper can run.

use std::fs;
use std::path::Path;
use std::time::Duration;

use landfall_host::build::policy::change_flat;
use landfall_host::check;
use landfall_host::machine::Machine;
use landfall_image::inner::Options;
use landfall_image::{record::Record, seal};
use landfall_plan::Policy;
use landfall_predict::policy::Change;

use super::bench::Bench;
use super::check::{Check, Outcome};
use super::session::as_text;
use super::wrapped::build_with;

const PATIENCE: Duration = Duration::from_secs(240);

/// Changes of a policy, and the words of the refusal.
const FAULTS: [(&str, &str); 2] = [
    ("placement=linear-map", "a wrapper cannot lie in the linear map"),
    ("stack=32K", "a wrapper needs stacks of 64 KiB at least, and the policy has 32 KiB"),
];

/// Returns the tests.
pub(super) fn checks() -> Vec<Check> {
    FAULTS
        .map(|(change, words)| {
            Check::new(format!("wrapped/policy/{change}"), move || refused(change, words)).always()
        })
        .into()
}

/// The change is refused by `wrap`, in the finished image, by `check`, and at boot.
fn refused(change: &str, words: &str) -> Outcome {
    let is_right = |place: &str, result: Result<(), String>| match result {
        Err(message) if message.contains(words) => Ok(()),
        result => Err(format!("{place} must state {words:?}, and has {result:?}")),
    };
    let into = format!("wrapped-without-{change}");
    is_right("wrap", build_with("wrapped", &into, Options::default(), &[change]).map(drop))?;
    let built = build_with("wrapped", &into, Options::default(), &[])?;
    let mut image = as_text(fs::read(&built.flat))?;
    let changes: [Change; 1] = [as_text(change.parse())?];
    is_right("run --policy", as_text(change_flat(&mut image, &changes).map(drop)))?;
    force(&mut image, &changes)?;
    is_right("check", as_text(check::before_boot(Path::new("image"), &image, &[])))?;
    let folder = as_text(landfall_host::private::folder("landfall-test-"))?;
    let file = folder.path().join("image");
    as_text(fs::write(&file, &image))?;
    let machine = Machine { kernel: Some(file), ..Machine::default() };
    let boot = as_text(Bench::get()?.qemu.boot(machine.arguments(), PATIENCE, |_| {}))?;
    let line = boot.console.iter().find(|line| line.starts_with("landfall: refused W30: "));
    is_right("the boot", line.map_or(Ok(()), |line| Err(line.clone())))
}

/// Changes the policy in an image without a check.
fn force(image: &mut [u8], changes: &[Change]) -> Result<(), String> {
    let record = as_text(Record::read(image))?;
    let start = as_text(usize::try_from(record.policy.offset))?;
    let place = image[start..].first_chunk_mut().ok_or("the image has no policy")?;
    let policy = as_text(Policy::from_record(place))?;
    *place = as_text(Change::all(changes, policy))?.record();
    as_text(seal::seal(image))
}
