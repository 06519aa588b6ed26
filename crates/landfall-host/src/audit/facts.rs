//! Facts of the user's files.

use std::path::Path;

use landfall_audit::plan::Plan;
use landfall_audit::{Format, Known, Mode, Napot, Phys, Span, Types, Updates, linux};
use landfall_judge::intervals::Interval;
use landfall_judge::tree::Tree;

use super::AuditError;
use super::against::Against;
use super::files;
use super::linux::Image;
use super::request::{Entries, Hints, LayoutOf};

/// Facts of the user's files.
#[derive(Debug, Default)]
pub(super) struct Facts {
    tree: Option<Tree>,
    /// The image of Linux.
    pub(super) image: Option<Image>,
    layout: Layout,
    entries: Entries,
    /// The format by the device tree.
    format: Option<Format>,
}

#[derive(Debug, Default)]
enum Layout {
    #[default]
    Shape,
    Linux,
    Plan(Box<Plan>),
}

impl Facts {
    /// Reads the files that a user names.
    ///
    /// # Errors
    /// [`AuditError`] if a file is not what it must be.
    pub(super) fn read(hints: &Hints) -> Result<Self, AuditError> {
        let tree = hints.tree.as_deref().map(read_tree).transpose()?;
        let image = hints.symbols.as_deref().map(Image::read).transpose()?;
        let layout = match &hints.layout {
            LayoutOf::File(path) => Layout::Plan(Box::new(read_plan(path)?)),
            LayoutOf::Linux => Layout::Linux,
            LayoutOf::Shape if image.is_some() => Layout::Linux,
            LayoutOf::Shape => Layout::Shape,
        };
        let format = tree.as_ref().and_then(format_of);
        Ok(Self { tree, image, layout, entries: hints.entries, format })
    }

    /// The facts of a landing: its plan or report, and its device tree.
    pub(super) fn of_landing(plan: Option<Plan>, tree: Option<Tree>) -> Self {
        let format = tree.as_ref().and_then(format_of);
        let layout = plan.map_or(Layout::Shape, |plan| Layout::Plan(Box::new(plan)));
        Self { tree, image: None, layout, entries: Entries::default(), format }
    }

    /// Names regions by the plan of a comparison, unless the user states a layout.
    pub(super) fn adopt(&mut self, against: &Against) {
        if let (Layout::Shape, Against::Plan { plan, .. }) = (&self.layout, against) {
            self.layout = Layout::Plan(plan.clone());
        }
    }

    /// Returns the format of entries: as the user states it, by the device tree, or by the machine.
    pub(super) fn format(&self, machine: Option<Format>) -> Format {
        self.entries.over(self.format.or(machine).unwrap_or_default())
    }

    /// Returns what is known of a machine with this RAM, and with this mode.
    pub(super) fn known(&self, ram: &[Span<Phys>], mode: Option<Mode>) -> Known {
        let mut known = Known { ram: ram.to_vec(), ..Known::default() };
        if let Some(tree) = &self.tree {
            known.ram = spans(&tree.ram);
            known.no_map = spans(&tree.no_map);
        }
        match (&self.layout, mode) {
            (Layout::Plan(plan), _) => {
                known.layout = plan.layout();
                known.stacks = plan.stacks();
            }
            (Layout::Linux, Some(mode)) => known.layout = linux::layout(mode),
            (Layout::Linux, None) | (Layout::Shape, _) => {}
        }
        known
    }
}

fn spans(intervals: &[Interval]) -> Vec<Span<Phys>> {
    intervals.iter().map(|interval| Span::new(Phys(interval.start), interval.size())).collect()
}

/// Returns the format of entries by the extensions that all harts with an MMU have. A tree without
/// `riscv,isa-extensions` states none.
fn format_of(tree: &Tree) -> Option<Format> {
    let harts = || tree.harts.iter().filter(|hart| hart.mmu.is_some());
    if harts().all(|hart| hart.extensions.iter().all(String::is_empty)) {
        return None;
    }
    let have = |name: &str| harts().all(|hart| hart.extensions.iter().any(|own| own == name));
    Some(Format {
        napot: if have("svnapot") { Napot::Svnapot } else { Napot::Reserved },
        types: if have("svpbmt") { Types::Svpbmt } else { Types::Reserved },
        // With both, a hart boots with Svade (Linux's binding riscv/extensions.yaml).
        updates: if have("svadu") && !have("svade") { Updates::Hardware } else { Updates::Fault },
    })
}

fn read_tree(path: &Path) -> Result<Tree, AuditError> {
    let bytes = files::read(path, files::TREE)?;
    let of = |reason: String| AuditError::Tree { path: path.to_owned(), reason };
    Tree::read(&bytes).map_err(|error| of(error.to_string()))
}

fn read_plan(path: &Path) -> Result<Plan, AuditError> {
    let text = files::json(path)?;
    Plan::parse(&text).map_err(|source| AuditError::Layout { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use landfall_judge::tree::TreeHart;

    use super::*;

    fn format(extensions: &[&[&str]]) -> Option<Format> {
        let hart = |(id, names): (u64, &&[&str])| TreeHart {
            id,
            mmu: Some("riscv,sv39".to_owned()),
            extensions: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        format_of(&Tree { harts: (0..).zip(extensions).map(hart).collect(), ..Tree::default() })
    }

    #[test]
    fn an_extension_counts_if_all_harts_have_it() {
        let all = format(&[&["i", "svnapot", "svpbmt", "svadu"], &["svadu", "svpbmt", "svnapot"]]);
        let right = Format { napot: Napot::Svnapot, types: Types::Svpbmt, updates: Updates::Hardware };
        assert_eq!(all, Some(right));
        let one = format(&[&["svnapot", "svadu", "svade"], &["svade", "svadu"]]);
        let none = Format { napot: Napot::Reserved, types: Types::Reserved, updates: Updates::Fault };
        assert_eq!(one, Some(none));
        assert_eq!(format(&[&[""]]), None);
    }
}
