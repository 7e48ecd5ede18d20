//! The description of an event: its types and its subject.

use super::expression::Expression;
use super::file::File;
use super::request::Arguments;
use super::{literal, params};
use crate::model::{Delivery, Name, Operation};

/// Writes the class of an event's parameters and its description.
pub(super) fn items(file: &mut File<'_>, operation: &Operation, message: &Name) {
    let all: Vec<_> = operation.params.iter().collect();
    let class = if all.is_empty() {
        None
    } else {
        Some(params::class(file, operation, &all))
    };
    let name = operation.name.screaming();
    file.statement(&name);
    let message = file.named(message);
    let params = class.clone().unwrap_or_else(|| "None".to_owned());
    let types = vec![Expression::plain(params), message.clone()];
    let event = Expression::subscript(&file.runtime("Event"), types).flat();
    let mut arguments = Arguments::of(file, operation);
    arguments.add("message", message);
    if let Some(class) = class {
        arguments.add("params", Expression::plain(class));
    }
    if let Delivery::Queue(group) = &operation.delivery {
        arguments.add("queue", Expression::plain(literal::text(group)));
    }
    arguments.write(file, &name, &event, operation);
}
