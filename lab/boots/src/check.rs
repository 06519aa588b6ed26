//! A test that is no boot of the matrix.

/// The result of a test: nothing, or what is wrong.
pub(super) type Outcome = Result<(), String>;

/// The runs that a test is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// Always.
    Always,
    /// Only with `--include-ignored`: it takes long, or it adds nothing to one that always runs.
    IfIncluded,
}

/// The things that a test needs besides the installed tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing.
    Nothing,
    /// Packages of Debian's archive.
    Archive,
}

/// A test.
pub(super) struct Check {
    pub(super) name: String,
    pub(super) runs: Runs,
    pub(super) needs: Needs,
    pub(super) test: Box<dyn FnOnce() -> Outcome + Send>,
}

impl Check {
    /// Returns a test that runs only if ignored ones are included.
    pub(super) fn new(name: impl Into<String>, test: impl FnOnce() -> Outcome + Send + 'static) -> Self {
        Self { name: name.into(), runs: Runs::IfIncluded, needs: Needs::Nothing, test: Box::new(test) }
    }

    /// The same test, which always runs.
    #[must_use]
    pub(super) fn always(self) -> Self {
        Self { runs: Runs::Always, ..self }
    }

    /// The same test, which needs packages of Debian's archive.
    #[must_use]
    pub(super) fn with_archive(self) -> Self {
        Self { needs: Needs::Archive, ..self }
    }
}
