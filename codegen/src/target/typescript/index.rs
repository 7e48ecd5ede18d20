//! The root file, and the files that export each name.

use std::collections::HashMap;

use super::literal::string;
use super::{Emitter, file, names};
use crate::model::Kind;
use crate::plan::{self, Peer, Plan};
use crate::target::writer::Writer;

/// `index.ts`.
pub(super) fn text(emitter: &Emitter<'_>) -> String {
    let mut writer = Writer::new("  ", 2);
    let plan = emitter.plan;
    writer.line(&file::header(emitter, plan.root()));
    writer.blank();
    if plan.has_calls() {
        for name in ["error", "subject"] {
            writer.line(&format!("export * as {name} from \"./{name}.js\";"));
        }
    }
    let mut paths: Vec<String> = plan.documents.keys().map(|&path| path.to_owned()).collect();
    for peer in &plan.peers {
        paths.push(client(peer));
        if peer.has_service() {
            paths.push(service(peer));
        }
    }
    paths.sort();
    for path in paths {
        let path = string(&format!("./{path}.js"));
        writer.line(&format!("export * from {path};"));
    }
    writer.finish()
}

/// The path of a role's client.
pub(super) fn client(peer: &Peer<'_>) -> String {
    format!("{}/client", peer.role.name.snake())
}

/// The path of a role's service.
pub(super) fn service(peer: &Peer<'_>) -> String {
    format!("{}/service", peer.role.name.snake())
}

/// The file of each exported name.
pub(super) fn paths_by_name(plan: &Plan<'_>) -> HashMap<String, String> {
    let mut paths = HashMap::new();
    for (path, document) in &plan.documents {
        for def in &document.types {
            paths.insert(def.name.pascal(), (*path).to_owned());
        }
        if let Some(operation) = document.operation {
            paths.insert(names::operation(operation), (*path).to_owned());
            paths.insert(names::params(operation), (*path).to_owned());
            if let Kind::Request(_) = operation.kind {
                paths.insert(names::fault(operation), (*path).to_owned());
            }
        }
    }
    for peer in &plan.peers {
        paths.insert(plan::client(peer.role).pascal(), client(peer));
        paths.insert(plan::service(peer.role).pascal(), service(peer));
    }
    paths
}
