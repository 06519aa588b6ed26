//! The places of results.

use std::path::{Path, PathBuf};

use landfall_host::build::BuildError;
use landfall_host::{output, user_file};

use crate::failure::Failure;

/// Checks the place that a user names, before the work whose result will be there.
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    user_file::check(path).map_err(|source| BuildError::File { path: path.to_owned(), source }.into())
}

/// Returns the path of a file beside `origin`, which must be another one.
pub(super) fn beside(origin: &Path, extension: &str) -> Result<PathBuf, Failure> {
    let path = origin.with_extension(extension);
    if path == origin {
        return Err(Failure::usage(format!(
            "{} would be replaced, because its name ends with .{extension}; name the result with --out",
            origin.display()
        )));
    }
    Ok(path)
}

/// Checks that a result does not replace a file that it is made of.
pub(super) fn keep<'a>(inputs: impl IntoIterator<Item = &'a Path>, result: &Path) -> Result<(), Failure> {
    match inputs.into_iter().find(|input| user_file::is_same(input, result)) {
        None => Ok(()),
        Some(input) => Err(Failure::usage(format!(
            "{} would be replaced, because it is the same file as {}; name the result with --out",
            input.display(),
            result.display()
        ))),
    }
}

/// Prints the path of a result, unless stdout has the result itself.
pub(super) fn print(path: &Path) {
    if !user_file::is_stdout(path) {
        output::result(path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_never_replaces_its_origin() {
        assert_eq!(beside(Path::new("a/k.elf"), "bin").expect("a path"), Path::new("a/k.bin"));
        assert_eq!(beside(Path::new("k"), "img").expect("a path"), Path::new("k.img"));
        assert!(matches!(beside(Path::new("k.bin"), "bin"), Err(Failure::Usage { .. })));
    }
}
