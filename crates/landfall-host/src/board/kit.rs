//! The kernel for a board, the board's tree, and the prediction of its landing.

use std::path::{Path, PathBuf};

use landfall_image::feature::Feature;
use landfall_predict::Randomness;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::board::{self, BoardError as TreeError, Loading};
use landfall_predict::case::{Case, Outcome, Prediction, Refused};

use super::error::BoardError;
use super::identity::Identity;
use crate::image;
use crate::kernel::{Kernel, Selection};
use crate::prepared::Prepared;
use crate::user_file::{self, Limit};

/// A boot on a board, as a user requests it.
#[derive(Clone, Debug)]
pub struct BoardRequest {
    /// The kernel.
    pub kernel: Selection,
    /// The file of the board's device tree.
    pub tree: PathBuf,
    /// The facts that the tree does not state.
    pub loading: Loading,
}

/// A kernel for a board, with its prediction.
#[derive(Debug)]
pub struct Kit {
    identity: Identity,
    tree_file: String,
    tree: Vec<u8>,
    loading: Loading,
    kernel: String,
    image: Vec<u8>,
    elf: Vec<u8>,
    blueprint: Blueprint,
    prediction: Prediction,
}

impl Kit {
    /// Builds the kernel and predicts its landing, or returns the reason why it would refuse.
    ///
    /// # Errors
    /// [`BoardError`] if there is no kernel, or the tree yields no facts.
    pub fn prepare(request: &BoardRequest) -> Result<Result<Self, Refused>, BoardError> {
        let tree = board::read_tree(&request.tree)?;
        let kernel = Kernel::find(&request.kernel)?;
        let prepared = Prepared::from(&kernel, &request.kernel.allow)?;
        let blueprint = image::blueprint(prepared.boots())?;
        if blueprint.missing.contains(Feature::Report) {
            return Err(BoardError::ReportCompiledOut);
        }
        let outcome = match board::case(&tree, &request.loading, &blueprint)? {
            Ok(case) => case.predict(),
            Err(refused) => Outcome::Refuses(refused),
        };
        let prediction = match outcome {
            Outcome::Lands(prediction) => *prediction,
            Outcome::Refuses(refused) => return Ok(Err(refused)),
        };
        Ok(Ok(Self {
            identity: Identity::of(&tree),
            tree_file: name(request.tree.file_name().map(Path::new)),
            kernel: name(prepared.boots().path().file_stem().map(Path::new)),
            image: image::flat_image(prepared.boots())?,
            elf: prepared
                .symbols()
                .and_then(|path| user_file::read(path, Limit::KERNEL).ok())
                .unwrap_or_default(),
            loading: request.loading.clone(),
            tree,
            blueprint,
            prediction,
        }))
    }

    /// Returns the names of the board.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the prediction.
    #[must_use]
    pub const fn prediction(&self) -> &Prediction {
        &self.prediction
    }

    /// Returns the name of the tree's file, and its size.
    pub(super) fn tree(&self) -> (&str, usize) {
        (&self.tree_file, self.tree.len())
    }

    /// Returns the name of the kernel.
    pub(super) fn kernel(&self) -> &str {
        &self.kernel
    }

    /// Returns the flat image.
    pub(super) fn image(&self) -> &[u8] {
        &self.image
    }

    /// Returns the ELF with the kernel's names, or nothing.
    pub(super) fn elf(&self) -> &[u8] {
        &self.elf
    }

    /// Returns the facts that the tree does not state.
    pub(super) const fn loading(&self) -> &Loading {
        &self.loading
    }

    /// Returns the same boot with other facts that the tree does not state.
    pub(super) fn case(&self, loading: &Loading) -> Result<Result<Case, Refused>, TreeError> {
        board::case(&self.tree, loading, &self.blueprint)
    }

    /// Returns the command line for the kernel, which U-Boot's menu passes.
    pub(super) fn command_line(&self) -> String {
        let nokaslr = (self.loading.randomness == Randomness::Off).then_some("nokaslr");
        let words: Vec<_> = self.loading.append.as_deref().into_iter().chain(nokaslr).collect();
        words.join(" ")
    }
}

/// Returns the name of a file. Its folder is private, and stays out of results.
fn name(path: Option<&Path>) -> String {
    path.map(|path| path.display().to_string()).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
    use landfall_plan::Policy;
    use landfall_predict::sample;
    use landfall_predict::units::Address;

    use super::*;

    /// Returns a board's tree: RAM, harts with sv48, and the compatible names of the board.
    pub(crate) fn tree(base: u64, size: u64, harts: u32, names: &[&str]) -> Vec<u8> {
        let cells = |words: &[u64]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        let property = |name: &str, value: Vec<u8>| DeviceTreeProperty::new_unchecked(name, value);
        let text = |text: &str| [text.as_bytes(), b"\0"].concat();
        let mut tree = DeviceTree::new();
        for (name, value) in [("#address-cells", 2_u32), ("#size-cells", 2)] {
            tree.root.add_property(property(name, value.to_be_bytes().to_vec()));
        }
        tree.root.add_property(property("compatible", names.iter().flat_map(|name| text(name)).collect()));
        let mut memory = DeviceTreeNode::new_unchecked(format!("memory@{base:x}"));
        memory.add_property(property("device_type", text("memory")));
        memory.add_property(property("reg", cells(&[base, size])));
        tree.root.add_child(memory);
        let mut cpus = DeviceTreeNode::new_unchecked("cpus");
        cpus.add_property(property("#address-cells", 1_u32.to_be_bytes().to_vec()));
        cpus.add_property(property("#size-cells", vec![0; 4]));
        for hart in 0..harts {
            let mut cpu = DeviceTreeNode::new_unchecked(format!("cpu@{hart}"));
            cpu.add_property(property("device_type", text("cpu")));
            cpu.add_property(property("reg", hart.to_be_bytes().to_vec()));
            cpu.add_property(property("mmu-type", text("riscv,sv48")));
            cpus.add_child(cpu);
        }
        tree.root.add_child(cpus);
        tree.to_dtb()
    }

    /// Returns a kit for a board with this tree, and a kernel that was never linked.
    pub(crate) fn kit(tree: &[u8]) -> Kit {
        kit_with(tree, Loading::default())
    }

    pub(crate) fn kit_with(tree: &[u8], loading: Loading) -> Kit {
        let image = sample::sealed(&Policy::new());
        let blueprint = Blueprint::of_image(&image).expect("a kernel");
        let case = board::case(tree, &loading, &blueprint).expect("options that fit").expect("a sound tree");
        let Outcome::Lands(prediction) = case.predict() else { panic!("it lands") };
        Kit {
            identity: Identity::of(tree),
            tree_file: "board.dtb".to_owned(),
            tree: tree.to_vec(),
            loading,
            kernel: "sample".to_owned(),
            image,
            elf: Vec::new(),
            blueprint,
            prediction: *prediction,
        }
    }

    impl Kit {
        /// Predicts the same with the image at another place.
        pub(crate) fn move_to(&mut self, at: Address) {
            *self = kit_with(&self.tree.clone(), Loading { at: Some(at), ..self.loading.clone() });
        }
    }
}
