//! Subject templates.

use super::code::Code;
use super::literal::string;
use super::{Emitter, docs, file, names};
use crate::plan::sentences;
use crate::target::writer::Writer;

/// `subject.ts`.
pub(super) fn text(emitter: &Emitter<'_>) -> String {
    let mut writer = Writer::new("  ", 2);
    let protocol = emitter.plan.protocol;
    writer.line(&file::header(emitter, "**"));
    writer.blank();
    docs::comment(&mut writer, &[sentences::PREFIX.to_owned()]);
    writer.line(&format!(
        "export const PREFIX = {};",
        string(&protocol.prefix)
    ));
    let roles = protocol.roles.iter();
    let roles = roles.map(|role| Code::string(&role.name.snake()));
    writer.blank();
    docs::comment(&mut writer, &[sentences::ROLES.to_owned()]);
    Code::List(roles.collect()).assign("export const ROLES: readonly string[]", &mut writer);
    for operation in &protocol.operations {
        writer.blank();
        docs::comment(&mut writer, &[sentences::template(operation)]);
        let text = string(&operation.subject.to_string());
        writer.line(&format!(
            "export const {} = {text};",
            names::operation(operation)
        ));
    }
    writer.finish()
}
