//! `#[export]`: a symbol, and a record of it in `.landfall.exports`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Error, Ident, Item, Result};

use crate::signature::{abi, of_function, of_static};
use crate::stability::Stability;

pub(crate) fn expand(stability: Stability, item: Item) -> Result<TokenStream> {
    match item {
        Item::Fn(function) => {
            let generics = &function.sig.generics;
            if generics.type_params().next().is_some() || generics.const_params().next().is_some() {
                return Err(Error::new_spanned(
                    generics,
                    "a generic function is no symbol; export one for each type",
                ));
            }
            if let Some(keyword) = function.sig.asyncness {
                return Err(Error::new_spanned(
                    keyword,
                    "an async function returns a type that no module can name",
                ));
            }
            if stability == Stability::Stable && abi(function.sig.abi.as_ref()) != "C" {
                return Err(Error::new_spanned(&function.sig, "a stable export is `extern \"C\"`"));
            }
            let signature = of_function(&function.sig, None);
            let signature = if stability == Stability::Stable { signature? } else { String::new() };
            let name = &function.sig.ident;
            let record = record(name, &signature, &quote!(#name as *const ()));
            let checked = checked(stability);
            // A module of the same build has the same ABI, Rust's too.
            let abi = quote!(#[allow(clippy::no_mangle_with_rust_abi)]);
            Ok(quote!(#abi #[unsafe(no_mangle)] #checked #function #record))
        }
        Item::Static(item) => {
            let signature = match stability {
                Stability::Stable => of_static(&item.mutability, &item.ty)?,
                Stability::ThisBuild => String::new(),
            };
            let name = &item.ident;
            let record = record(name, &signature, &quote!((&raw const #name).cast()));
            Ok(quote!(#[unsafe(no_mangle)] #item #record))
        }
        other => Err(Error::new_spanned(other, "only functions and statics are exported")),
    }
}

/// Returns the lint that refuses types without a fixed layout.
fn checked(stability: Stability) -> TokenStream {
    match stability {
        Stability::Stable => quote!(#[deny(improper_ctypes_definitions)]),
        Stability::ThisBuild => TokenStream::new(),
    }
}

/// Returns the record of an item at the address that `address` computes.
fn record(name: &Ident, signature: &str, address: &TokenStream) -> TokenStream {
    let mut text = format!("{name}={signature}").into_bytes();
    text.resize(text.len().next_multiple_of(8), 0);
    let size = Literal::usize_unsuffixed(text.len());
    let text = Literal::byte_string(&text);
    quote! {
        const _: () = {
            #[used]
            #[cfg_attr(all(target_arch = "riscv64", not(any(unix, windows))), unsafe(link_section = ".landfall.exports"))]
            static LANDFALL_EXPORT: ::landfall_modules::ExportRecord<#size> =
                ::landfall_modules::ExportRecord::new(#address, #text);
        };
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_str;

    use super::{Stability, expand};

    fn text(stability: Stability, source: &str) -> Result<String, String> {
        let expanded = expand(stability, parse_str(source).expect("an item"));
        expanded.map(|tokens| tokens.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_record_has_the_name_and_for_stable_items_the_signature() {
        let plain = text(Stability::ThisBuild, "pub fn f(a: u32) {}").expect("an export");
        assert!(plain.contains("b\"f=\\0\\0\\0\\0\\0\\0\""), "{plain}");
        let stable = text(Stability::Stable, "pub extern \"C\" fn f(a: u32) {}").expect("an export");
        assert!(stable.contains("f=extern \\\"C\\\" fn(u32)"), "{stable}");
        assert!(stable.contains("improper_ctypes_definitions"), "{stable}");
    }

    #[test]
    fn refusals_state_what_to_do() {
        for (stability, source, reason) in [
            (Stability::ThisBuild, "fn f<T>(a: T) {}", "one for each type"),
            (Stability::ThisBuild, "fn f<const N: usize>() {}", "one for each type"),
            (Stability::ThisBuild, "async fn f() {}", "async"),
            (Stability::Stable, "fn f() {}", "`extern \"C\"`"),
            (Stability::ThisBuild, "struct S;", "only functions and statics"),
        ] {
            let refusal = text(stability, source).expect_err(source);
            assert!(refusal.contains(reason), "{source}: {refusal}");
        }
    }
}
