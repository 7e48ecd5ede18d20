//! Remotes: the schemas that the suite expects at an address.

use std::fs;
use std::path::Path;

use crate::Failure;
use crate::group::Draft;
use crate::schema::{member, with};

/// The address of the remotes in the suite.
const ADDRESS: &str = "http://localhost:1234";

/// A schema at an address.
#[derive(Debug)]
pub(crate) struct Remote {
    /// The last part of the address.
    name: String,
    /// The schema with its address as `$id`. If the schema has another `$id`, a second schema refers from the address
    /// to it.
    pub(crate) texts: Vec<String>,
}

/// The remotes of a draft: those in its folder, and for drafts before 2019-09 those outside all draft folders.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn read(suite: &Path, draft: Draft) -> Result<Vec<Remote>, Failure> {
    let mut remotes = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let mut entries = fs::read_dir(suite.join("remotes").join(&folder))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        for path in entries {
            let name = path.file_name().ok_or("a file without a name")?;
            let name = name.to_string_lossy().into_owned();
            let place = format!("{folder}{name}");
            if path.is_file() {
                let address = format!("{ADDRESS}/{place}");
                let texts = texts(&fs::read_to_string(&path)?, &address, draft);
                remotes.push(Remote { name, texts });
            } else if place.starts_with(draft.name)
                || !draft.has_own_remotes && !place.starts_with("draft")
            {
                folders.push(format!("{place}/"));
            }
        }
    }
    Ok(remotes)
}

fn texts(text: &str, address: &str, draft: Draft) -> Vec<String> {
    let text = with(text, "$schema", draft.dialect);
    let id = member(&text, "$id").or_else(|| member(&text, "id"));
    match id {
        Some(id) if id != address => {
            let alias = with("{}", "$ref", &id);
            let alias = with(&with(&alias, "$id", address), "$schema", draft.dialect);
            vec![text, alias]
        }
        _ => vec![with(&text, "$id", address)],
    }
}

/// The remotes that a schema needs: the schema mentions their file names, or a needed remote does.
pub(crate) fn needed<'a>(schema: &str, remotes: &'a [Remote]) -> Vec<&'a Remote> {
    let mut texts = vec![schema];
    let mut found = vec![false; remotes.len()];
    while let Some(text) = texts.pop() {
        for (found, remote) in found.iter_mut().zip(remotes) {
            if !*found && text.contains(&remote.name) {
                *found = true;
                texts.extend(remote.texts.iter().map(String::as_str));
            }
        }
    }
    let found = remotes.iter().zip(found).filter(|(_, found)| *found);
    found.map(|(remote, _)| remote).collect()
}
