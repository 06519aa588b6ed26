//! Facts about a board that its device tree does not state.

use clap::{Args, ValueEnum};

use landfall_plan::facts::MemoryTypes;
use landfall_predict::board::Loading;
use landfall_predict::units::{Address, Extent};

/// The heading of the options in `--help`.
pub(super) const BOARDS: &str = "Boards (--dtb)";

#[derive(Debug, Args)]
#[group(id = "of_tree", requires = "dtb")]
pub(super) struct TreeArgs {
    /// The id of the boot hart [default: the first with an MMU]
    #[arg(long, value_name = "N", help_heading = BOARDS)]
    boot_hart: Option<u64>,

    /// The tree's physical address [default: the highest free one in the image's RAM]
    #[arg(long, value_name = "ADDR", help_heading = BOARDS)]
    tree_at: Option<Address>,

    /// The marks of ordinary memory in page tables; a T-Head hart decides at boot [default:
    /// standard]
    #[arg(long, value_enum, value_name = "TYPES", help_heading = BOARDS)]
    memory_types: Option<MemoryTypesArg>,

    /// Memory that is reserved and may be mapped; repeatable
    #[arg(long, value_name = "BASE:SIZE", help_heading = BOARDS)]
    reserve: Vec<Extent>,

    /// Memory that must not be mapped, such as firmware's; repeatable
    #[arg(long, value_name = "BASE:SIZE", help_heading = BOARDS)]
    no_map: Vec<Extent>,
}

/// The marks of ordinary memory in page tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MemoryTypesArg {
    /// By its address
    Standard,
    /// By bits in each leaf: T-Head C9xx with MAEE enabled
    Thead,
}

impl From<MemoryTypesArg> for MemoryTypes {
    fn from(types: MemoryTypesArg) -> Self {
        match types {
            MemoryTypesArg::Standard => Self::Standard,
            MemoryTypesArg::Thead => Self::Thead,
        }
    }
}

impl From<TreeArgs> for Loading {
    fn from(arguments: TreeArgs) -> Self {
        let TreeArgs { boot_hart, tree_at, memory_types, reserve, no_map } = arguments;
        Self {
            boot_hart,
            tree_at,
            memory_types: memory_types.map(Into::into),
            reserve,
            no_map,
            ..Self::default()
        }
    }
}
