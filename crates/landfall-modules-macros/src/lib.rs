//! The attributes of `landfall-modules`: `#[export]` and `#[import]`. Use them from there.

use proc_macro::TokenStream;

mod export;
mod import;
mod signature;
mod stability;

/// Exports a function or a static, for modules.
///
/// `#[export]` is for modules that were built for exactly this kernel. `#[export(stable)]` binds by
/// name and signature, for modules of other builds too. The function is `extern "C"`, and its types
/// have a layout that no build changes (`repr(C)`).
///
/// The item keeps its name as a symbol.
#[proc_macro_attribute]
pub fn export(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = syn::parse_macro_input!(item as syn::Item);
    stability::parse(arguments.into())
        .and_then(|stability| export::expand(stability, item))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// Imports functions and statics of the kernel, or of a module that is loaded: an attribute of an
/// `extern` block.
///
/// `#[import(stable)]` also states each signature, so that the module binds in kernels of other
/// builds.
#[proc_macro_attribute]
pub fn import(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block = syn::parse_macro_input!(item as syn::ItemForeignMod);
    stability::parse(arguments.into())
        .and_then(|stability| import::expand(stability, &block))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
