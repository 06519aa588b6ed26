//! The argument of the attributes.

use proc_macro2::TokenStream;
use syn::{Error, Ident, Result};

/// The builds in which an item binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stability {
    /// One build of the kernel.
    ThisBuild,
    /// Each build with the same signature.
    Stable,
}

pub(crate) fn parse(arguments: TokenStream) -> Result<Stability> {
    if arguments.is_empty() {
        return Ok(Stability::ThisBuild);
    }
    match syn::parse2::<Ident>(arguments.clone()) {
        Ok(word) if word == "stable" => Ok(Stability::Stable),
        _ => Err(Error::new_spanned(arguments, "the only argument is `stable`")),
    }
}
