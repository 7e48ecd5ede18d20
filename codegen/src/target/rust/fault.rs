//! The errors of an operation: an enum with a variant for each declared error.

use quote::quote;

use super::file::File;
use super::names::pascal;
use super::table::{Row, Table, Tail};
use super::{Emitter, docs};
use crate::model::{Operation, Request};
use crate::plan::{self, sentences};

/// Adds the enum of an operation's errors and its table.
pub(super) fn items(
    emitter: &Emitter<'_>,
    operation: &Operation,
    request: &Request,
    file: &mut File<'_>,
) {
    if request.errors.is_empty() {
        return;
    }
    let name = pascal(&plan::fault(operation));
    let kinds = emitter.plan.errors_of(request);
    let doc = docs::comment(0, &sentences::fault(operation), &[]);
    let variants = kinds.iter().map(|kind| {
        let variant = pascal(&kind.code);
        let doc = docs::comment(4, &kind.description, &[]);
        let detail = kind.has_detail.then(|| quote!((prelude::String)));
        quote! { #doc #variant #detail, }
    });
    file.extend(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* }
    });
    let head = Row {
        attributes: Vec::new(),
        parts: vec![format!("{name} of error::CATALOGUE")],
    };
    let rows = kinds.iter().map(|kind| {
        let detail = if kind.has_detail { "(detail)" } else { "" };
        Row {
            attributes: Vec::new(),
            parts: vec![
                format!("error::{} =>", kind.code.screaming()),
                format!("{}{detail},", kind.code.pascal()),
            ],
        }
    });
    let table = Table::of_rows("fault", &head, &rows.collect::<Vec<_>>(), &Tail::default());
    file.table(table.using("error"));
}
