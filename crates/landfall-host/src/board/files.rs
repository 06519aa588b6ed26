//! The files that a user takes to the board.
//!
//! ```text
//! landfall.img      an SD card: the kernel for UEFI, and U-Boot's menu
//! landfall.bin      the kernel's flat image
//! prediction.json   the landing, as `cargo landfall plan --format json` prints it
//! INSTRUCTIONS.md   the steps on the board
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use landfall_predict::{json, view};

use super::error::BoardError;
use super::instructions;
use super::kit::Kit;
use crate::disk::{self, Contents, Menu};
use crate::private;

/// The names of the files.
const DISK: &str = "landfall.img";
const IMAGE: &str = "landfall.bin";
const PREDICTION: &str = "prediction.json";
const INSTRUCTIONS: &str = "INSTRUCTIONS.md";
const CONSOLE: &str = "console.log";

/// The paths of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Writes the files of `kit` to `folder`, which is created.
    ///
    /// # Errors
    /// [`BoardError`] if the disk cannot be made, or a file cannot be written.
    pub fn write(kit: &Kit, folder: &Path) -> Result<Self, BoardError> {
        let file = |path: &Path, source| BoardError::File { path: path.to_owned(), source };
        fs::create_dir_all(folder).map_err(|source| file(folder, source))?;
        let line = kit.command_line();
        let menu = Menu::Extlinux { command_line: &line };
        disk::write(&folder.join(DISK), &Contents { image: kit.image(), initrd: None, menu })?;
        let prediction = kit.prediction();
        let object = json::object(prediction, &view::address_space(prediction));
        let texts = [(IMAGE, kit.image().to_vec()), (INSTRUCTIONS, instructions::text(kit).into_bytes())];
        for (name, bytes) in texts {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(|source| file(&path, source))?;
        }
        // A tree may hold the seed of a boot, and the prediction its addresses.
        let path = folder.join(PREDICTION);
        private::write(&path, format!("{object:#}\n").as_bytes()).map_err(|source| file(&path, source))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Returns the paths of the files.
    #[must_use]
    pub fn paths(&self) -> [PathBuf; 4] {
        [DISK, IMAGE, PREDICTION, INSTRUCTIONS].map(|name| self.folder.join(name))
    }

    /// Returns the path for the bytes of the board's console.
    #[must_use]
    pub fn console(&self) -> PathBuf {
        self.folder.join(CONSOLE)
    }
}
