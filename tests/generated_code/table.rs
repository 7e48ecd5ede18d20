//! Macro tables: a table and its type must agree.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token, Type};

/// The macros of tables. The first name in a table is its type.
const CALLS: [&str; 9] = [
    "enumeration",
    "integer",
    "newtype",
    "number",
    "object",
    "secret_text",
    "tagged",
    "text",
    "union",
];

/// The names of the types that have a table, in the order of the tables.
pub(super) fn tabled(file: &syn::File) -> Vec<String> {
    tables(file)
        .filter_map(|(_, table)| Some(table.ok()?.name.to_string()))
        .collect()
}

/// Where a table and its type disagree.
pub(super) fn breaches(file: &syn::File) -> Vec<String> {
    let types: BTreeMap<String, &syn::Item> = file
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Struct(found) => Some((found.ident.to_string(), item)),
            syn::Item::Enum(found) => Some((found.ident.to_string(), item)),
            _ => None,
        })
        .collect();
    let mut seen = Vec::new();
    let mut breaches = Vec::new();
    for (call, table) in tables(file) {
        let table = match table {
            Ok(table) => table,
            Err(error) => {
                breaches.push(format!("`{call}!` is not a table: {error}"));
                continue;
            }
        };
        let name = table.name.to_string();
        let found = match types.get(&name) {
            None => Some("the file has no such type".to_owned()),
            Some(_) if seen.contains(&name) => Some("it has two tables".to_owned()),
            Some(item) => disagreement(&table, item),
        };
        breaches.extend(found.map(|found| format!("table of `{name}`: {found}")));
        seen.push(name);
    }
    breaches
}

fn tables(file: &syn::File) -> impl Iterator<Item = (String, syn::Result<Table>)> {
    file.items.iter().filter_map(|item| match item {
        syn::Item::Macro(item) => {
            let call = item.mac.path.segments.last()?.ident.to_string();
            let is_table = CALLS.contains(&&*call);
            is_table.then(|| (call, item.mac.parse_body()))
        }
        _ => None,
    })
}

/// The difference between a table and its type.
fn disagreement(table: &Table, item: &syn::Item) -> Option<String> {
    let (in_table, in_type): (Vec<String>, Vec<String>) = match item {
        syn::Item::Struct(item) if item.fields.iter().all(|field| field.ident.is_none()) => {
            let inner = item.fields.iter().map(|field| text(&field.ty)).collect();
            (table.inner.iter().map(text).collect(), inner)
        }
        syn::Item::Struct(item) => {
            let held = item.fields.iter().map(|field| {
                let name = field.ident.as_ref().map(ToString::to_string);
                format!("{}: {}", name.unwrap_or_default(), text(&field.ty))
            });
            (table.rows.iter().map(Row::field).collect(), held.collect())
        }
        syn::Item::Enum(item) => {
            let mut held: Vec<_> = item.variants.iter().map(variant).collect();
            let unknown = held.pop_if(|held| held.starts_with("Unknown("));
            if unknown.is_some() != table.is_non_exhaustive {
                return Some("only a `non_exhaustive` table has `Unknown`".to_owned());
            }
            (table.rows.iter().map(Row::variant).collect(), held)
        }
        _ => return Some("it is neither a struct nor an enum".to_owned()),
    };
    // Tables of texts and numbers do not contain the inner type.
    let is_bare = in_table.is_empty() && table.is_call;
    (in_table != in_type && !is_bare).then(|| format!("{in_table:?} is not {in_type:?}"))
}

fn variant(variant: &syn::Variant) -> String {
    let inner = variant.fields.iter().map(|field| text(&field.ty));
    let inner: Vec<String> = inner.collect();
    match inner.as_slice() {
        [] => variant.ident.to_string(),
        inner => format!("{}({})", variant.ident, inner.join(", ")),
    }
}

/// A type without white space and without the module of the runtime.
fn text(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(' ', "").replace("rt::", "").replace(",>", ">")
}

struct Table {
    name: Ident,
    /// Whether the table is a list of arguments.
    is_call: bool,
    /// The content of a newtype.
    inner: Option<Type>,
    rows: Vec<Row>,
    is_non_exhaustive: bool,
}

enum Row {
    Field {
        name: Ident,
        ty: Type,
        is_optional: bool,
    },
    Variant {
        name: Ident,
        ty: Option<Type>,
    },
}

impl Row {
    fn field(&self) -> String {
        match self {
            Self::Field {
                name,
                ty,
                is_optional: true,
            } => format!("{name}: Option<{}>", text(ty)),
            Self::Field { name, ty, .. } => format!("{name}: {}", text(ty)),
            Self::Variant { name, .. } => format!("variant {name}"),
        }
    }

    fn variant(&self) -> String {
        match self {
            Self::Variant { name, ty: Some(ty) } => format!("{name}({})", text(ty)),
            Self::Variant { name, ty: None } => name.to_string(),
            Self::Field { name, .. } => format!("field {name}"),
        }
    }
}

impl Parse for Table {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        syn::Attribute::parse_outer(input)?;
        let mut table = Self {
            name: input.parse()?,
            is_call: false,
            inner: None,
            rows: Vec::new(),
            is_non_exhaustive: false,
        };
        if input.parse::<Option<Token![,]>>()?.is_some() {
            match input.parse::<Ident>() {
                Ok(borrowed) if borrowed == format!("{}Ref", table.name) => {}
                // Arguments: `text!(Name, TextRule::new())`, `integer!(Name, u64, 0, 1)`, `number!(Name, 0.0, 1.0)`.
                _ => table.is_call = true,
            }
        }
        if table.is_call {
            rest(input)?;
            return Ok(table);
        }
        if word(input, "by")? {
            input.parse::<LitStr>()?;
        }
        let content;
        if input.peek(syn::token::Paren) {
            syn::parenthesized!(content in input);
            table.inner = Some(content.parse()?);
        } else {
            syn::braced!(content in input);
            while !content.is_empty() {
                table.rows.push(content.parse()?);
                content.parse::<Option<Token![,]>>()?;
            }
        }
        table.is_non_exhaustive = word(input, "non_exhaustive")?;
        word(input, "deny_unknown_fields")?;
        if word(input, "flatten")? {
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            let ty = input.parse()?;
            let is_optional = false;
            table.rows.push(Row::Field {
                name,
                ty,
                is_optional,
            });
        }
        if word(input, "validate")? {
            input.parse::<syn::Path>()?;
        }
        Ok(table)
    }
}

impl Parse for Row {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        syn::Attribute::parse_outer(input)?;
        if input.peek(LitStr) {
            input.parse::<LitStr>()?;
            input.parse::<Token![=>]>()?;
            let name = input.parse()?;
            let ty = if input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in input);
                Some(content.parse()?)
            } else {
                None
            };
            return Ok(Self::Variant { name, ty });
        }
        let is_optional = word(input, "optional")?;
        if is_optional || word(input, "required")? {
            // The name follows.
        } else if input.parse::<Option<Token![default]>>()?.is_some() {
            if input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in input);
                let default: LitStr = content.parse()?;
                serde_json::from_str::<serde_json::Value>(&default.value())
                    .map_err(|error| syn::Error::new(default.span(), error))?;
            }
        } else {
            return Err(input.error("expected `required`, `optional` or `default`"));
        }
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<Token![=]>()?;
        input.parse::<LitStr>()?;
        Ok(Self::Field {
            name,
            ty,
            is_optional,
        })
    }
}

/// Takes a word if it is next.
fn word(input: ParseStream<'_>, expected: &str) -> syn::Result<bool> {
    let is_next = input
        .fork()
        .parse::<Ident>()
        .is_ok_and(|found| found == expected);
    if is_next {
        input.parse::<Ident>()?;
    }
    Ok(is_next)
}

fn rest(input: ParseStream<'_>) -> syn::Result<()> {
    input.step(|cursor| {
        let mut cursor = *cursor;
        while let Some((_, next)) = cursor.token_tree() {
            cursor = next;
        }
        Ok(((), cursor))
    })
}
