//! This system: its release, and the files that say where its packages come from.

use std::fs;

use super::sources::{self, Source, SourceFile, SourceStyle};

pub(super) const SOURCE_LIST: &str = "/etc/apt/sources.list";
const SOURCE_PARTS: &str = "/etc/apt/sources.list.d";

/// Returns the files that apt reads sources from, in its order.
pub(super) fn source_files() -> Vec<SourceFile> {
    let mut files = vec![SourceFile { path: SOURCE_LIST.into(), style: SourceStyle::List }];
    let parts = fs::read_dir(SOURCE_PARTS).into_iter().flatten().filter_map(Result::ok);
    let source_file = |entry: fs::DirEntry| {
        let style = SourceStyle::of(entry.file_name().to_str()?)?;
        Some(SourceFile { path: entry.path(), style })
    };
    let mut parts: Vec<_> = parts.filter_map(source_file).collect();
    parts.sort();
    files.extend(parts);
    files
}

/// Returns the sources of binary packages in `files`.
pub(super) fn sources(files: &[SourceFile]) -> Vec<Source> {
    let parse = |file: &SourceFile| Some(sources::parse(&fs::read_to_string(&file.path).ok()?, file.style));
    files.iter().filter_map(parse).flatten().collect()
}

/// Returns the source of the release `codename` itself among `all`.
pub(super) fn own_source<'a>(all: &'a [Source], codename: &str) -> Result<&'a Source, String> {
    sources::of_release(all, codename).ok_or_else(|| {
        format!("{SOURCE_LIST} and {SOURCE_PARTS} contain no source of the release {codename}")
    })
}

/// Returns the package source of a Debian system: other releases are at the same mirror.
pub(super) fn debian() -> Result<Source, String> {
    let text = os_release().unwrap_or_default();
    match value(&text, "ID") {
        Some("debian") => {}
        other => return Err(format!("this system is {}", other.unwrap_or("unknown"))),
    }
    let codename = codename_in(&text).ok_or("its release has no codename")?;
    own_source(&sources(&source_files()), &codename).cloned()
}

fn os_release() -> Option<String> {
    fs::read_to_string("/etc/os-release").ok()
}

fn value<'a>(os_release: &'a str, name: &str) -> Option<&'a str> {
    let line = |line: &'a str| line.strip_prefix(name)?.strip_prefix('=');
    Some(os_release.lines().find_map(line)?.trim().trim_matches(['"', '\'']))
}

/// Returns the codename of this release, as its archive calls it.
pub(super) fn codename() -> Option<String> {
    codename_in(&os_release()?)
}

fn codename_in(os_release: &str) -> Option<String> {
    let value = value(os_release, "VERSION_CODENAME")?;
    // It becomes part of options and of a file's text.
    let sound = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    sound.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codename_is_one_plain_word() {
        assert_eq!(codename_in("ID=debian\nVERSION_CODENAME=bookworm\n").as_deref(), Some("bookworm"));
        assert_eq!(codename_in("VERSION_CODENAME=\"noble\"\n").as_deref(), Some("noble"));
        for none in ["", "VERSION_CODENAME=\n", "VERSION_CODENAME=a b\n", "VERSION_CODENAME=$(x)\n"] {
            assert_eq!(codename_in(none), None, "{none}");
        }
    }
}
