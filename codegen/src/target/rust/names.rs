//! Identifiers.

use std::collections::{HashMap, HashSet};
use std::iter;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::reserved;
use crate::model::{Name, Operation, Request};
use crate::plan::{self, Plan};

/// Keywords that no raw identifier can be.
const NEVER_RAW: [&str; 3] = ["crate", "self", "super"];

/// A function, a module or a field.
pub(super) fn snake(name: &Name) -> Ident {
    identifier(&name.snake())
}

/// An identifier: raw if it is a keyword, with `_` at its end if it cannot be raw.
pub(super) fn identifier(text: &str) -> Ident {
    if NEVER_RAW.contains(&text) {
        format_ident!("{text}_")
    } else if reserved::KEYWORDS.binary_search(&text).is_ok() {
        format_ident!("r#{text}")
    } else {
        format_ident!("{text}")
    }
}

/// A type or a variant.
pub(super) fn pascal(name: &Name) -> Ident {
    format_ident!("{}", name.pascal())
}

/// A constant.
pub(super) fn screaming(name: &Name) -> Ident {
    format_ident!("{}", name.screaming())
}

/// The names of the borrowed forms of these types: `ThingRef`, or another name if a type has this name.
pub(super) fn borrowed<'a>(
    plan: &Plan<'a>,
    types: &HashSet<&'a Name>,
) -> HashMap<&'a Name, String> {
    let defs = plan.protocol.types.iter();
    let mut taken: HashSet<String> = defs.clone().map(|def| def.name.pascal()).collect();
    let names = defs.filter(|def| types.contains(&def.name)).map(|def| {
        let form = def.name.with("ref");
        let numbered = (2..).map(|number: u32| form.with(&number.to_string()));
        let mut free = iter::once(form.clone())
            .chain(numbered)
            .map(|name| name.pascal());
        let name = free.find(|name| taken.insert(name.clone()));
        (&def.name, name.expect("numbers do not end"))
    });
    names.collect()
}

/// The type of an operation's errors.
pub(super) fn fault(operation: &Operation, request: &Request) -> TokenStream {
    if request.errors.is_empty() {
        quote!(rt::Infallible)
    } else {
        let fault = pascal(&plan::fault(operation));
        quote!(#fault)
    }
}
