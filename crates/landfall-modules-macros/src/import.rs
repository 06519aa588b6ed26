//! `#[import]`: declarations, and for stable ones their signatures in `.landfall.imports`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Error, ForeignItem, ItemForeignMod, Result};

use crate::signature::{of_function, of_static};
use crate::stability::Stability;

pub(crate) fn expand(stability: Stability, block: &ItemForeignMod) -> Result<TokenStream> {
    let mut records = TokenStream::new();
    for item in &block.items {
        let (name, signature) = match item {
            ForeignItem::Fn(function) => (&function.sig.ident, of_function(&function.sig, Some(&block.abi))?),
            ForeignItem::Static(item) => (&item.ident, of_static(&item.mutability, &item.ty)?),
            other => return Err(Error::new_spanned(other, "only functions and statics are imported")),
        };
        if stability == Stability::Stable {
            let text = format!("{name}={signature}\0").into_bytes();
            let size = Literal::usize_unsuffixed(text.len());
            let text = Literal::byte_string(&text);
            records.extend(quote! {
                const _: () = {
                    #[used]
                    #[cfg_attr(all(target_arch = "riscv64", not(any(unix, windows))), unsafe(link_section = ".landfall.imports"))]
                    static LANDFALL_IMPORT: [u8; #size] = *#text;
                };
            });
        }
    }
    Ok(quote!(#block #records))
}

#[cfg(test)]
mod tests {
    use syn::parse_str;

    use super::{Stability, expand};

    #[test]
    fn stable_imports_state_their_signatures() {
        let block = parse_str("unsafe extern \"C\" { fn f(a: u32); static S: u64; }").expect("a block");
        let text = expand(Stability::Stable, &block).expect("an import").to_string();
        assert!(text.contains("f=extern \\\"C\\\" fn(u32)\\0"), "{text}");
        assert!(text.contains("S=static u64\\0"), "{text}");
        let plain = expand(Stability::ThisBuild, &block).expect("an import").to_string();
        assert!(!plain.contains("landfall.imports"), "{plain}");
    }
}
