//! The extensions of a machine's entries, by properties of its first hart.
//!
//! The monitor's `qom-get` prints one property: `true`, `false`, or an error where there is no such
//! hart or property.

use landfall_audit::{Format, Napot, Types, Updates};

/// Harts of QEMU's boards for RISC-V: the first one with an MMU.
const HARTS: [&str; 2] = ["/machine/soc0/harts[0]", "/machine/soc/u-cpus/harts[0]"];

/// Returns the format of the machine's entries, or the reason of an error of `monitor`. `None` if
/// QEMU does not state it.
pub(in super::super) fn format<E>(
    mut monitor: impl FnMut(&str) -> Result<String, E>,
) -> Result<Option<Format>, E> {
    for hart in HARTS {
        let mut has = |name: &str| {
            let text = monitor(&format!("qom-get {hart} {name}"))?;
            Ok(match text.trim() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            })
        };
        let Some(napot) = has("svnapot")? else { continue };
        let [types, hardware, fault] = [has("svpbmt")?, has("svadu")?, has("svade")?];
        return Ok(Some(Format {
            napot: if napot { Napot::Svnapot } else { Napot::Reserved },
            types: if types == Some(true) { Types::Svpbmt } else { Types::Reserved },
            // With both, firmware decides, and a kernel that needs neither is right.
            updates: if hardware == Some(true) && fault != Some(true) {
                Updates::Hardware
            } else {
                Updates::Fault
            },
        }));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn by(answer: impl Fn(&str) -> &'static str) -> Option<Format> {
        let Ok(format) = format(|command| Ok::<_, Infallible>(answer(command).to_owned()));
        format
    }

    #[test]
    fn properties_make_a_format() {
        let right = Format { napot: Napot::Reserved, types: Types::Svpbmt, updates: Updates::Hardware };
        let answer = |command: &str| match command {
            "qom-get /machine/soc/u-cpus/harts[0] svnapot" => "false\r\n",
            "qom-get /machine/soc/u-cpus/harts[0] svpbmt" | "qom-get /machine/soc/u-cpus/harts[0] svadu" => {
                "true\r\n"
            }
            _ => "Error: Property not found\r\n",
        };
        assert_eq!(by(answer), Some(right));
        assert_eq!(by(|_| "unknown command: 'qom-get'"), None);
        let all = Format { napot: Napot::Svnapot, types: Types::Svpbmt, updates: Updates::Fault };
        assert_eq!(by(|_| "true"), Some(all));
    }
}
