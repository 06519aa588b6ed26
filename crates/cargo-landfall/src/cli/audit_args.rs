//! The arguments of `audit`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use landfall_audit::{Code, Napot, PAGE, Phys, Root, Types, Updates, UserRegions};
use landfall_host::audit::{AuditRequest, Comparison, Entries, Hints, LayoutOf, Source};
use landfall_host::gdb::endpoint::Endpoint;
use landfall_predict::units::Address;

use crate::audit::{self, AuditCommand, AuditFormat};
use crate::failure::Failure;

pub(super) const HELP: &str = "\
Examples:
  cargo landfall audit --qmp qmp.sock                 QEMU runs with -qmp unix:qmp.sock,server=on,wait=off
  cargo landfall audit --gdb :1234                    QEMU runs with -s
  cargo landfall audit vmcore --symbols vmlinux
  cargo landfall audit --qmp qmp.sock --symbols vmlinux --dtb virt.dtb --user
  cargo landfall audit memory.bin --base 0x80000000 --satp 0x8000000000080200
  cargo landfall audit --qmp qmp.sock --format json > before.json
  cargo landfall audit --qmp qmp.sock --against before.json
  cargo landfall audit --qmp qmp.sock --against plan  the kernel has landed by Landfall
  cargo landfall audit --explain alias-wx

Exit status:
  0  no findings, and no differences
  1  findings or differences
  2  the source cannot be read, the result cannot be written, or wrong usage";

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").required(true).args(["qmp", "gdb", "file", "explain", "codes"]))]
pub(super) struct AuditArgs {
    /// An ELF core: of QEMU's `dump-guest-memory`, or a copy of /proc/vmcore. With --base it is raw
    /// memory
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Audit a QEMU that runs, by its QMP: the path of a socket, or HOST:PORT. QEMU must be on this
    /// computer
    #[arg(long, value_name = "WHERE")]
    qmp: Option<Endpoint>,

    /// Audit a QEMU that runs, by its debugger's stub: HOST:PORT, :1234 for QEMU's -s, or the path
    /// of a socket
    #[arg(long, value_name = "WHERE")]
    gdb: Option<Endpoint>,

    /// The physical address of the first byte of FILE, which is raw memory: a multiple of 4 KiB
    #[arg(long, value_name = "ADDR", requires = "file", conflicts_with_all = ["qmp", "gdb"], value_parser = parse_base)]
    base: Option<Address>,

    /// A root, by the value of satp; repeatable [default: those of all harts; for a file that of
    /// its notes, or of a search]
    #[arg(long = "satp", value_name = "HEX", value_parser = parse_satp)]
    roots: Vec<Root>,

    /// The machine's device tree: RAM, memory that must not be mapped, and extensions of entries
    #[arg(long, value_name = "FILE")]
    dtb: Option<PathBuf>,

    /// Linux's vmlinux: names for the parts of its image, the area of modules, and the layout
    #[arg(long, value_name = "ELF")]
    symbols: Option<PathBuf>,

    /// The layout that names regions: `linux`, or the JSON of `plan` or of a landing report
    /// [default: by --symbols or --against, or else by shape]
    #[arg(long, value_name = "linux|FILE", value_parser = parse_layout)]
    layout: Option<LayoutOf>,

    /// Report each difference from expected mappings. `plan` is the plan of the landfall kernel
    /// that runs; a FILE has a plan, or an audit that was saved with --format json
    #[arg(long, value_name = "plan|FILE", value_parser = parse_against)]
    against: Option<Comparison>,

    /// List the regions of user mode in the text
    #[arg(long)]
    user: bool,

    /// Bit 63 of leaves [default: by --dtb, or svnapot]
    #[arg(long, value_enum, value_name = "KIND", help_heading = ENTRIES)]
    napot: Option<NapotArg>,

    /// The memory types of leaves [default: by --dtb, or svpbmt]
    #[arg(long, value_enum, value_name = "KIND", help_heading = ENTRIES)]
    memory_types: Option<TypesArg>,

    /// The effect of an access if A or D is 0 [default: by --dtb, or fault]
    #[arg(long, value_enum, value_name = "EFFECT", help_heading = ENTRIES)]
    ad: Option<UpdatesArg>,

    /// The format of the result
    #[arg(long, value_enum, default_value = "text")]
    format: AuditFormat,

    /// Explain a code, and audit nothing
    #[arg(long, value_name = "CODE")]
    explain: Option<Code>,

    /// List all codes, and audit nothing
    #[arg(long)]
    codes: bool,
}

/// The heading of the options in `--help`.
const ENTRIES: &str = "Entries";

/// The meaning of bit 63.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum NapotArg {
    /// 16 leaves of 4 KiB map 64 KiB together
    Svnapot,
    /// It is reserved
    Reserved,
}

/// Memory types.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum TypesArg {
    /// Bits 62:61
    Svpbmt,
    /// Bits 63:59, on T-Head's parts with MAEE
    Thead,
    /// None
    Reserved,
}

/// The effect of an access if A or D is 0.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum UpdatesArg {
    /// A page fault (Svade)
    Fault,
    /// The hart sets the bit (Svadu)
    Hardware,
}

impl AuditArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(code) = self.explain {
            audit::explain(code);
            return Ok(());
        }
        if self.codes {
            audit::list();
            return Ok(());
        }
        audit::run(&self.command()?)
    }

    fn command(self) -> Result<AuditCommand, Failure> {
        let source = match (self.qmp, self.gdb, self.file, self.base) {
            (Some(endpoint), ..) => Source::Qmp(endpoint),
            (_, Some(endpoint), ..) => Source::Gdb(endpoint),
            (_, _, Some(path), Some(base)) => Source::Raw { path, base: Phys(base.0) },
            (_, _, Some(path), None) => Source::Core(path),
            (None, None, None, _) => return Err(Failure::usage("name a FILE, or add --qmp or --gdb")),
        };
        let entries = Entries {
            napot: self.napot.map(|napot| match napot {
                NapotArg::Svnapot => Napot::Svnapot,
                NapotArg::Reserved => Napot::Reserved,
            }),
            types: self.memory_types.map(|types| match types {
                TypesArg::Svpbmt => Types::Svpbmt,
                TypesArg::Thead => Types::Thead,
                TypesArg::Reserved => Types::Reserved,
            }),
            updates: self.ad.map(|updates| match updates {
                UpdatesArg::Fault => Updates::Fault,
                UpdatesArg::Hardware => Updates::Hardware,
            }),
        };
        let layout = self.layout.unwrap_or_default();
        let hints = Hints { tree: self.dtb, symbols: self.symbols, layout, entries };
        let mut roots = self.roots;
        let mut seen = std::collections::BTreeSet::new();
        roots.retain(|root| seen.insert(*root));
        Ok(AuditCommand {
            request: AuditRequest { source, roots, hints, against: self.against },
            format: self.format,
            user: if self.user { UserRegions::Listed } else { UserRegions::Summary },
        })
    }
}

/// Parses an address of a page: tables are read by pages.
fn parse_base(text: &str) -> Result<Address, String> {
    let base: Address = text.parse().map_err(|error| format!("{error}"))?;
    if base.0.is_multiple_of(PAGE) { Ok(base) } else { Err("it is no multiple of 4 KiB".to_owned()) }
}

/// Parses a `satp`, with or without `0x`, as debuggers print it.
fn parse_satp(text: &str) -> Result<Root, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let satp = u64::from_str_radix(digits, 16).ok().filter(|_| is_hex);
    let satp = satp.ok_or("write the register in hex, such as 0x8000000000080200")?;
    Root::from_satp(satp).map_err(|error| format!("{error}; MODE, bits 63:60, must be 8, 9 or a"))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of clap's parsers")]
fn parse_layout(text: &str) -> Result<LayoutOf, std::convert::Infallible> {
    Ok(if text == "linux" { LayoutOf::Linux } else { LayoutOf::File(text.into()) })
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of clap's parsers")]
fn parse_against(text: &str) -> Result<Comparison, std::convert::Infallible> {
    Ok(if text == "plan" { Comparison::Plan } else { Comparison::File(text.into()) })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Subcommands};
    use super::*;

    fn parse(line: &str) -> Result<AuditCommand, String> {
        let words = format!("landfall audit {line}");
        let parsed = Cli::try_parse_from(words.split_whitespace()).map_err(|error| error.to_string())?;
        let Subcommands::Audit(arguments) = parsed.command else { panic!("`audit` is another command now") };
        arguments.command().map_err(|error| error.to_string())
    }

    #[test]
    fn every_source_arrives() {
        let source = |line| parse(line).map(|command| command.request.source);
        assert_eq!(source("--gdb :1234"), Ok(Source::Gdb(":1234".parse().expect("a port"))));
        assert_eq!(source("--qmp q"), Ok(Source::Qmp(Endpoint::Socket("q".into()))));
        assert_eq!(source("core"), Ok(Source::Core("core".into())));
        let raw = Source::Raw { path: "m".into(), base: Phys(0x8000_0000) };
        assert_eq!(source("m --base 0x80000000"), Ok(raw));
    }

    #[test]
    fn no_source_two_sources_and_a_crooked_base_are_refused() {
        let refused = |line| parse(line).expect_err(line);
        let none = refused("--user");
        for source in ["FILE", "--qmp <WHERE>", "--gdb <WHERE>"] {
            assert!(none.contains(source), "{none}");
        }
        for two in ["c --qmp q", "c --gdb :1", "--qmp q --gdb :1", "c --explain leaf-wx", "--codes --qmp q"] {
            assert!(refused(two).contains("cannot be used with"), "{two}");
        }
        assert!(refused("m --base 0x80000001").contains("no multiple of 4 KiB"));
    }

    #[test]
    fn every_option_arrives() {
        let line = "c --satp a0000000000851b3 --satp 0xA0000000000851b3 --satp 8000000000080200 --dtb t --symbols v \
                    --layout linux --against p --napot reserved --memory-types thead --ad hardware --user --format json";
        let AuditCommand { request, format, user } = parse(line).expect("right");
        assert_eq!(request.roots.len(), 2, "one root is there twice");
        assert_eq!((format, user), (AuditFormat::Json, UserRegions::Listed));
        let Hints { tree, symbols, layout, entries } = request.hints;
        assert_eq!((tree, symbols, layout), (Some("t".into()), Some("v".into()), LayoutOf::Linux));
        assert_eq!(request.against, Some(Comparison::File("p".into())));
        assert_eq!(parse("c --against plan").expect("right").request.against, Some(Comparison::Plan));
        assert_eq!(
            entries,
            Entries {
                napot: Some(Napot::Reserved),
                types: Some(Types::Thead),
                updates: Some(Updates::Hardware)
            }
        );
        let file = parse("c --layout plan.json").expect("right").request.hints.layout;
        assert_eq!(file, LayoutOf::File("plan.json".into()));
    }

    #[test]
    fn wrong_lines_are_explained() {
        for (line, words) in [
            ("", "required"),
            ("c --qmp q", "cannot be used with"),
            ("--qmp q --gdb :1", "cannot be used with"),
            ("--qmp q --base 0", "cannot be used with"),
            ("c --satp 0", "translation is off; MODE, bits 63:60, must be 8, 9 or a"),
            ("c --satp x", "write the register in hex"),
            ("c --satp +8000000000080200", "write the register in hex"),
            ("--explain leaf", "leaf-wx"),
            ("--gdb :0", "is not a port"),
        ] {
            let error = parse(line).expect_err(line);
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
