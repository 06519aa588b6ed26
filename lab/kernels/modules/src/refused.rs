//! Modules that are refused, after which all is as before.

use landfall::Landing;
use landfall_modules::LoadError;

use crate::files;
use crate::loader::Loader;

/// Checks refusals before other harts work.
pub(crate) fn check(landing: &'static Landing, loader: &mut Loader) {
    let (base, unit) = (files::file(landing, 0), files::file(landing, 1));
    // It needs `base`.
    let refusal = loader.load(unit, "text=a");
    assert!(matches!(refusal, Err(LoadError::UnknownSymbol(_))), "{refusal:?}");
    let refusal = loader.load(&base[..base.len() / 2], "");
    assert!(matches!(refusal, Err(LoadError::Damaged(_))), "{refusal:?}");
    assert_eq!(loader.load(b"", "").err(), Some(LoadError::NotElf));
    assert!(matches!(loader.load(base, "seed=1"), Err(LoadError::UnknownParameter(_))), "no such parameter");
    let id = loader.load(base, "").unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(loader.load(base, ""), Err(LoadError::Loaded(_))), "it is loaded");
    // It wants text.
    assert_eq!(loader.load(unit, "").err(), Some(LoadError::Init(4)));
    assert!(matches!(loader.load(unit, "seed=-1"), Err(LoadError::BadParameter { .. })), "no u64");
    loader.unload(id).unwrap_or_else(|error| panic!("{error}"));
}
