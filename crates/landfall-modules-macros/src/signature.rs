//! Signatures as text. Both sides compute it from their source, so it is the same for the same
//! types.

use quote::ToTokens;
use syn::{
    Abi, Error, FnArg, GenericArgument, NamedArg, PathArguments, PointerMutability, Result, ReturnType,
    Signature, StaticMutability, Type,
};

/// Returns the text of a function with the ABI of its block, or its own.
pub(crate) fn of_function(signature: &Signature, block: Option<&Abi>) -> Result<String> {
    let mut inputs = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Typed(input) => inputs.push(of_type(&input.ty)?),
            FnArg::Receiver(_) => return Err(Error::new_spanned(input, "a method is no symbol of a module")),
        }
    }
    if signature.variadic.is_some() {
        inputs.push("...".to_owned());
    }
    let abi = abi(signature.abi.as_ref().or(block));
    Ok(format!("extern \"{abi}\" fn({}){}", inputs.join(", "), output(&signature.output)?))
}

/// Returns the text of a static.
pub(crate) fn of_static(mutability: &StaticMutability, kind: &Type) -> Result<String> {
    let mutable = if matches!(mutability, StaticMutability::Mut(_)) { "mut " } else { "" };
    Ok(format!("static {mutable}{}", of_type(kind)?))
}

/// Returns the name of an ABI. `extern` alone is C.
pub(crate) fn abi(abi: Option<&Abi>) -> String {
    match abi {
        None => "Rust".to_owned(),
        Some(abi) => abi.name.as_ref().map_or_else(|| "C".to_owned(), syn::LitStr::value),
    }
}

fn output(output: &ReturnType) -> Result<String> {
    Ok(match output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, kind) => format!(" -> {}", of_type(kind)?),
    })
}

/// Returns the text of a type: names without their paths, no lifetimes, spaces as here.
fn of_type(kind: &Type) -> Result<String> {
    Ok(match kind {
        Type::Never(_) => "!".to_owned(),
        Type::Paren(inner) => of_type(&inner.elem)?,
        Type::Group(inner) => of_type(&inner.elem)?,
        Type::Ptr(pointer) => {
            let mutable = match pointer.mutability {
                PointerMutability::Mut(_) => "mut",
                PointerMutability::Const(_) => "const",
            };
            format!("*{mutable} {}", of_type(&pointer.elem)?)
        }
        Type::Reference(reference) => {
            let mutable = if reference.mutability.is_some() { "mut " } else { "" };
            format!("&{mutable}{}", of_type(&reference.elem)?)
        }
        Type::Slice(slice) => format!("[{}]", of_type(&slice.elem)?),
        Type::Array(array) => {
            let length: String = array.len.to_token_stream().to_string();
            format!("[{}; {}]", of_type(&array.elem)?, length.replace(' ', ""))
        }
        Type::Tuple(tuple) => {
            let parts: Result<Vec<_>> = tuple.elems.iter().map(of_type).collect();
            format!("({})", parts?.join(", "))
        }
        Type::FnPtr(function) => {
            let inputs: Result<Vec<_>> =
                function.inputs.iter().map(|NamedArg { ty, .. }| of_type(ty)).collect();
            let (abi, output) = (abi(function.abi.as_ref()), output(&function.output)?);
            format!("extern \"{abi}\" fn({}){output}", inputs?.join(", "))
        }
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return Err(Error::new_spanned(kind, "a type without a name"));
            };
            match &last.arguments {
                PathArguments::None => last.ident.to_string(),
                PathArguments::AngleBracketed(arguments) => {
                    let mut texts = Vec::new();
                    for argument in &arguments.args {
                        match argument {
                            GenericArgument::Lifetime(_) => {}
                            GenericArgument::Type(kind) => texts.push(of_type(kind)?),
                            other => texts.push(other.to_token_stream().to_string().replace(' ', "")),
                        }
                    }
                    if texts.is_empty() {
                        last.ident.to_string()
                    } else {
                        format!("{}<{}>", last.ident, texts.join(", "))
                    }
                }
                PathArguments::Parenthesized(_) => {
                    return Err(Error::new_spanned(kind, "this type has no layout that a module could know"));
                }
            }
        }
        other => return Err(Error::new_spanned(other, "this type has no layout that a module could know")),
    })
}

#[cfg(test)]
mod tests {
    use syn::{ForeignItemFn, parse_str};

    use super::{of_function, of_static};

    fn function(source: &str) -> String {
        let function: ForeignItemFn = parse_str(source).expect("a function");
        let c = parse_str("extern \"C\"").expect("an ABI");
        of_function(&function.sig, Some(&c)).expect("a signature")
    }

    #[test]
    fn paths_names_lifetimes_and_spaces_make_no_difference() {
        let plain = function("fn f(a: *const u8, b: &mut Task) -> Option<u64>;");
        let same = function(
            "fn g(_: * const core::primitive::u8, task: &'static mut crate::Task) -> core::option::Option< u64 >;",
        );
        assert_eq!(plain, same);
        assert_eq!(plain, "extern \"C\" fn(*const u8, &mut Task) -> Option<u64>");
    }

    #[test]
    fn each_difference_in_types_is_seen() {
        let base = function("fn f(a: u32) -> u64;");
        for other in [
            "fn f(a: u64) -> u64;",
            "fn f(a: u32);",
            "fn f() -> u64;",
            "fn f(a: u32, b: u8) -> u64;",
            "fn f(a: *mut u32) -> u64;",
            "fn f(a: [u32; 2]) -> u64;",
        ] {
            assert_ne!(function(other), base, "{other}");
        }
        assert_ne!(function("fn f(a: *const u8);"), function("fn f(a: *mut u8);"));
    }

    #[test]
    fn statics_state_whether_they_change() {
        let item: syn::ForeignItemStatic = parse_str("static mut COUNT: u64;").expect("a static");
        assert_eq!(of_static(&item.mutability, &item.ty).expect("a signature"), "static mut u64");
    }

    #[test]
    fn methods_and_opaque_types_are_refused() {
        for source in ["fn f(&self);", "fn f(a: impl Copy);", "fn f(a: &dyn Fn(u8));"] {
            let function: ForeignItemFn = parse_str(source).expect("it parses");
            assert!(of_function(&function.sig, None).is_err(), "{source}");
        }
    }
}
