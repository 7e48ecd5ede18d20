//! Subject templates.

use super::expression::Expression;
use super::file::File;
use super::{Emitter, docs, literal, module};
use crate::plan::sentences;

/// `subject.py`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "**", None, "Subject templates.");
    let protocol = emitter.plan.protocol;
    let constant = file.typing("Final");
    file.statement("PREFIX");
    let prefix = literal::text(&protocol.prefix);
    file.body.line(&format!("PREFIX: {constant} = {prefix}"));
    docs::write(&mut file.body, &module::sentence(sentences::PREFIX));
    file.statement("ROLES");
    let roles = protocol.roles.iter();
    let roles = roles.map(|role| Expression::plain(literal::text(&role.name.snake())));
    let roles = Expression::call("", roles.collect());
    roles.write(&mut file.body, &format!("ROLES: {constant} = "), "");
    docs::write(&mut file.body, &module::sentence(sentences::ROLES));
    for operation in &protocol.operations {
        let name = operation.name.screaming();
        file.statement(&name);
        let text = Expression::plain(literal::text(&operation.subject.to_string()));
        let template = Expression::call(&file.runtime("Template"), vec![text]);
        template.write(&mut file.body, &format!("{name}: {constant} = "), "");
        docs::write(
            &mut file.body,
            &module::sentence(&sentences::template(operation)),
        );
    }
    file
}
