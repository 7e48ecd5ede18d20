//! The prefix and the templates of subjects.

use super::file::File;
use super::literal::text;
use super::{Emitter, SUBJECTS, docs, names};

/// `subject/subject.go`.
pub(super) fn file(emitter: &Emitter<'_>) -> String {
    let mut file = File::new(emitter, SUBJECTS, "**");
    let protocol = emitter.plan.protocol;
    docs::comment(
        &mut file.writer,
        &["Prefix is the default prefix of every subject."],
    );
    file.writer
        .line(&format!("const Prefix = {}", text(&protocol.prefix)));
    let roles: Vec<_> = protocol.roles.iter().map(|role| &role.name).collect();
    for role in &roles {
        let name = names::role(role);
        let doc = format!("{name} is the name of the `{role}` role.");
        file.writer.line("");
        docs::comment(&mut file.writer, &[&doc]);
        file.writer
            .line(&format!("const {name} = {}", text(&role.snake())));
    }
    let roles: Vec<_> = roles.into_iter().map(names::role).collect();
    file.writer.line("");
    docs::comment(&mut file.writer, &["Roles are the names of all roles."]);
    file.writer
        .line(&format!("var Roles = []string{{{}}}", roles.join(", ")));
    for operation in &protocol.operations {
        let name = names::exported(&operation.name);
        let template = text(&operation.subject.to_string());
        file.writer.line("");
        let (from, to) = (&operation.from, &operation.to);
        let doc = format!(
            "{name} is the subject of `{}` after the prefix. The `{from}` role sends it to the `{to}` role.",
            operation.name
        );
        docs::comment(&mut file.writer, &[&doc]);
        file.writer.line(&format!("const {name} = {template}"));
    }
    file.render("Package subject contains the subject templates.")
}
