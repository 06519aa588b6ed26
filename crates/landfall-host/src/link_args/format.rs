//! The arguments as text, for each build system.

use std::path::PathBuf;

use landfall_build::link::Linker;
use serde_json::json;

use super::LinkArgsError;
use super::linker::{KnownLinker, name};
use super::quote::{cmake, make, prerequisite, shell, through_compiler};

/// The form of the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum LinkFormat {
    /// An argument of rustc a line, for `rustc @FILE`
    Rustc,
    /// One line of arguments for a C compiler that links, such as gcc and clang
    Cc,
    /// Variables for a Makefile: arguments for the linker and for a compiler, and the scripts
    Make,
    /// A file for CMake, with a function that links and seals a target
    Cmake,
    /// One JSON object
    Json,
}

/// Arguments that only a compiler needs.
const COMPILER: &str = "-nostdlib";

impl LinkFormat {
    pub(super) fn text(
        self,
        linker: &KnownLinker,
        arguments: &[String],
        scripts: &[PathBuf],
    ) -> Result<String, LinkArgsError> {
        let scripts: Vec<&str> = scripts
            .iter()
            .map(|path| path.to_str().ok_or_else(|| LinkArgsError::Path { path: path.clone() }))
            .collect::<Result<_, _>>()?;
        let compiler: Vec<String> = std::iter::once(COMPILER.to_owned())
            .chain(arguments.iter().flat_map(|argument| through_compiler(argument)))
            .collect();
        Ok(match self {
            Self::Rustc => lines(arguments.iter().map(|argument| format!("-Clink-arg={argument}"))),
            Self::Cc => joined(compiler.iter().map(|argument| shell(argument))),
            Self::Make => format!(
                "# Written by `cargo landfall link-args`, for {}.\nLANDFALL_LD_FLAGS := {}\nLANDFALL_CC_FLAGS := {}\nLANDFALL_SCRIPTS := {}",
                described(linker),
                joined(arguments.iter().map(|argument| make(argument))),
                joined(compiler.iter().map(|argument| make(argument))),
                joined(scripts.iter().map(|script| prerequisite(script))),
            ),
            Self::Cmake => for_cmake(linker, arguments, &scripts),
            Self::Json => json!({
                "linker": { "kind": kind(linker.kind), "version": linker.version.map(|version| version.to_string()) },
                "arguments": arguments,
                "compiler_arguments": compiler,
                "scripts": scripts,
            })
            .to_string(),
        })
    }
}

fn lines(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join("\n")
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

const fn kind(linker: Linker) -> &'static str {
    match linker {
        Linker::Gnu => "gnu",
        Linker::Lld => "lld",
    }
}

fn described(linker: &KnownLinker) -> String {
    linker
        .version
        .map_or_else(|| name(linker.kind).to_owned(), |version| format!("{} {version}", name(linker.kind)))
}

/// CMake removes options that it has seen, so that a pair of words is one option for it.
fn for_cmake(linker: &KnownLinker, arguments: &[String], scripts: &[&str]) -> String {
    let option = |argument: &String| match through_compiler(argument).as_slice() {
        [word] => cmake(word),
        words => cmake(&format!("SHELL:{}", joined(words.iter().map(|word| shell(word))))),
    };
    let options = std::iter::once(cmake(COMPILER)).chain(arguments.iter().map(option));
    format!(
        "# Written by `cargo landfall link-args`, for {}.\nset(LANDFALL_LINK_OPTIONS\n  {})\nset(LANDFALL_SCRIPTS\n  {})\n{CMAKE_FUNCTION}",
        described(linker),
        options.collect::<Vec<_>>().join("\n  "),
        scripts.iter().map(|script| cmake(script)).collect::<Vec<_>>().join("\n  "),
    )
}

const CMAKE_FUNCTION: &str = "\
if(NOT DEFINED LANDFALL)
  set(LANDFALL cargo-landfall)
endif()

# Links an executable target as a kernel, and seals it.
function(landfall_kernel target)
  target_link_options(${target} PRIVATE ${LANDFALL_LINK_OPTIONS})
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${LANDFALL_SCRIPTS})
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${LANDFALL} seal $<TARGET_FILE:${target}> VERBATIM)
endfunction()";

#[cfg(test)]
mod tests {
    use super::*;

    fn text(format: LinkFormat) -> String {
        let linker = KnownLinker { kind: Linker::Gnu, version: None };
        let arguments = ["-pie", "-T/a b/k.ld"].map(str::to_owned);
        format.text(&linker, &arguments, &["/a b/k.ld".into()]).expect("a text")
    }

    #[test]
    fn each_format_quotes_as_its_reader_needs() {
        assert_eq!(text(LinkFormat::Rustc), "-Clink-arg=-pie\n-Clink-arg=-T/a b/k.ld");
        assert_eq!(text(LinkFormat::Cc), "-nostdlib -Wl,-pie '-Wl,-T/a b/k.ld'");
        let make = text(LinkFormat::Make);
        assert!(make.contains("\nLANDFALL_LD_FLAGS := -pie '-T/a b/k.ld'\n"), "{make}");
        assert!(make.ends_with("LANDFALL_SCRIPTS := /a\\ b/k.ld"), "{make}");
        let cmake = text(LinkFormat::Cmake);
        assert!(cmake.contains("\n  \"-Wl,-pie\"\n  \"-Wl,-T/a b/k.ld\")\n"), "{cmake}");
    }

    #[test]
    fn json_has_all_lists() {
        let json: serde_json::Value = serde_json::from_str(&text(LinkFormat::Json)).expect("JSON");
        assert_eq!(json["linker"]["kind"], "gnu");
        assert_eq!(json["arguments"][1], "-T/a b/k.ld");
        assert_eq!(json["compiler_arguments"][0], "-nostdlib");
        assert_eq!(json["scripts"][0], "/a b/k.ld");
    }
}
