//! The package sources of a Debian or Ubuntu system. Its backports are at the same mirror.
//!
//! Two styles exist, see `sources.list(5)`: one line each in `*.list`, and stanzas of fields
//! (deb822) in `*.sources`. Options such as `Signed-By` are kept: the system's owner has decided
//! which keys to trust.

use std::fmt::Write;
use std::path::PathBuf;

/// A source of binary packages, in the format that it is written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `deb [options] uri suite component...`
    Line { options: String, uri: String, suite: String, components: Vec<String> },
    /// A stanza: its fields with their values, which may span lines.
    Stanza(Vec<(String, String)>),
}

/// The style of a file of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SourceStyle {
    /// `*.list`.
    List,
    /// `*.sources`.
    Sources,
}

/// A file that apt reads sources from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) style: SourceStyle,
}

impl SourceStyle {
    /// Returns the style of a file by its name. apt ignores files with other names.
    pub(super) fn of(file_name: &str) -> Option<Self> {
        match file_name.rsplit_once('.')?.1 {
            "list" => Some(Self::List),
            "sources" => Some(Self::Sources),
            _ => None,
        }
    }

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Sources => "sources",
        }
    }
}

/// Returns the sources of binary packages in the text of a file, those that are turned off left
/// out.
pub(super) fn parse(text: &str, style: SourceStyle) -> Vec<Source> {
    match style {
        SourceStyle::List => text.lines().filter_map(parse_line).collect(),
        SourceStyle::Sources => {
            stanzas(text).into_iter().filter(|stanza| is_binary(stanza)).map(Source::Stanza).collect()
        }
    }
}

fn parse_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let rest = line.strip_prefix("deb")?;
    // `deb-src` is another word.
    let rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    let (uri, suite) = (words.next()?, words.next()?);
    Some(Source::Line { options: options.trim().to_owned(), uri, suite, components: words.collect() })
}

fn stanzas(text: &str) -> Vec<Vec<(String, String)>> {
    let mut stanzas = vec![Vec::<(String, String)>::new()];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let stanza = stanzas.last_mut();
        match (line.split_once(':'), stanza) {
            _ if line.trim().is_empty() => stanzas.push(Vec::new()),
            // A line that begins with a space goes on with the field above it.
            (_, Some(stanza)) if line.starts_with([' ', '\t']) => {
                if let Some((_, value)) = stanza.last_mut() {
                    value.push('\n');
                    value.push_str(line);
                }
            }
            (Some((name, value)), Some(stanza)) => {
                stanza.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            _ => {}
        }
    }
    stanzas.retain(|stanza| !stanza.is_empty());
    stanzas
}

fn field<'a>(stanza: &'a [(String, String)], name: &str) -> &'a str {
    let found = stanza.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

fn is_binary(stanza: &[(String, String)]) -> bool {
    let enabled =
        !matches!(field(stanza, "Enabled").to_ascii_lowercase().as_str(), "no" | "false" | "0" | "off");
    enabled && field(stanza, "Types").split_whitespace().any(|kind| kind == "deb")
}

impl Source {
    /// Returns true if this source has packages of `suite`.
    pub(super) fn serves(&self, suite: &str) -> bool {
        match self {
            Self::Line { suite: own, .. } => own == suite,
            Self::Stanza(stanza) => field(stanza, "Suites").split_whitespace().any(|own| own == suite),
        }
    }

    fn has_component(&self, component: &str) -> bool {
        match self {
            Self::Line { components, .. } => components.iter().any(|own| own == component),
            Self::Stanza(stanza) => {
                field(stanza, "Components").split_whitespace().any(|own| own == component)
            }
        }
    }

    /// Returns the first mirror of those that it names.
    pub(super) fn uri(&self) -> &str {
        self.uris().split_whitespace().next().unwrap_or_default()
    }

    fn uris(&self) -> &str {
        match self {
            Self::Line { uri, .. } => uri,
            Self::Stanza(stanza) => field(stanza, "URIs"),
        }
    }

    /// Returns the same source with nothing but `suite`: mirror, components and keys stay.
    pub(super) fn with_suite(&self, suite: &str) -> Self {
        match self {
            Self::Line { options, uri, components, .. } => Self::Line {
                options: options.clone(),
                uri: uri.clone(),
                suite: suite.to_owned(),
                components: components.clone(),
            },
            Self::Stanza(stanza) => {
                let renamed = stanza.iter().map(|(name, value)| match name.to_ascii_lowercase().as_str() {
                    "suites" => (name.clone(), suite.to_owned()),
                    "types" => (name.clone(), "deb".to_owned()),
                    _ => (name.clone(), value.clone()),
                });
                Self::Stanza(renamed.collect())
            }
        }
    }

    pub(super) const fn style(&self) -> SourceStyle {
        match self {
            Self::Line { .. } => SourceStyle::List,
            Self::Stanza(_) => SourceStyle::Sources,
        }
    }

    /// Returns the source as a file holds it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Line { options, uri, suite, components } => {
                let options = if options.is_empty() { String::new() } else { format!("[{options}] ") };
                format!("deb {options}{uri} {suite} {}\n", components.join(" "))
            }
            Self::Stanza(stanza) => stanza.iter().fold(String::new(), |mut text, (name, value)| {
                let _ = writeln!(text, "{name}: {value}");
                text
            }),
        }
    }
}

/// Returns the source of the system's own release. It serves the suite `codename` and `main`, and
/// its mirror also has the release's updates. A vendor's archive can have a suite of that name, but
/// has no updates of Debian.
pub(super) fn of_release<'a>(sources: &'a [Source], codename: &str) -> Option<&'a Source> {
    let updates = format!("{codename}-updates");
    let has_updates = |candidate: &&Source| {
        sources.iter().any(|source| source.serves(&updates) && source.uris() == candidate.uris())
    };
    let candidates =
        || sources.iter().filter(|source| source.serves(codename) && source.has_component("main"));
    candidates().find(has_updates).or_else(|| candidates().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANZAS: &str = "\
# the vendor's
Types: deb
URIs: https://vendor.example/apt
Suites: bookworm
Components: main
Signed-By: /vendor.gpg

Types: deb deb-src
# a comment within
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://off.example/debian
Suites: bookworm bookworm-updates
Components: main
Enabled: no
";

    #[test]
    fn backports_lie_at_the_mirror_of_the_release() {
        let sources = parse(STANZAS, SourceStyle::Sources);
        assert_eq!(sources.len(), 2, "what is turned off does not count");
        let release = of_release(&sources, "bookworm").expect("the release's source");
        let text = release.with_suite("bookworm-backports").text();
        assert_eq!(
            text,
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main contrib\n\
             Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"
        );
    }

    #[test]
    fn lines_keep_their_options() {
        let text = "# deb http://no.example x main\n\
            deb-src http://mirror.example/debian bookworm main\n\
            deb [signed-by=/a.gpg arch=amd64] http://mirror.example/debian bookworm main # why\n\
            deb http://mirror.example/debian bookworm-updates main\n\
            deb\ndeb [x\ndeb uri\ndebx a b c\n";
        let sources = parse(text, SourceStyle::List);
        assert_eq!(sources.len(), 2);
        let release = of_release(&sources, "bookworm").expect("the release's source");
        assert_eq!(
            release.with_suite("bookworm-backports").text(),
            "deb [signed-by=/a.gpg arch=amd64] http://mirror.example/debian bookworm-backports main\n"
        );
    }

    #[test]
    fn a_system_without_its_own_release_has_none() {
        let sources = parse(STANZAS, SourceStyle::Sources);
        assert_eq!(of_release(&sources, "trixie"), None);
        assert_eq!(of_release(&[], "bookworm"), None);
    }

    #[test]
    fn hostile_files_do_not_panic() {
        for text in ["", "\n\n", " x", ":", "a", "Types: deb", "\t:\n :", "deb [] ", "é: deb"] {
            for style in [SourceStyle::List, SourceStyle::Sources] {
                assert_eq!(of_release(&parse(text, style), "x"), None);
            }
        }
    }

    #[test]
    fn files_are_told_apart_by_their_names() {
        assert_eq!(SourceStyle::of("debian.sources"), Some(SourceStyle::Sources));
        assert_eq!(SourceStyle::of("sources.list"), Some(SourceStyle::List));
        assert_eq!(SourceStyle::of("debian.sources.disabled"), None);
        assert_eq!(SourceStyle::of("list"), None);
    }
}
