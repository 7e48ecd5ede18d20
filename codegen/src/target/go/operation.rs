//! The operation of a document: its name, subject, errors and timeout, and the subscription of an event.

use super::file::File;
use super::literal::text;
use super::{FAULTS, SUBJECTS, docs, names, params};
use crate::model::{Delivery, Name, Operation, Request};
use crate::plan;

/// Maximal width of a list on a single line.
const COLUMNS: usize = 120;

/// Writes the items of a request beside its types.
pub(super) fn request(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let emitter = file.emitter;
    let handler_params = emitter.plan.handler_params(operation);
    if !handler_params.is_empty() {
        params::params_struct(file, operation, &handler_params);
    }
    let mut rows = head(file, operation);
    rows.push(("From", file.local(SUBJECTS, &names::role(&operation.from))));
    rows.push(("Roles", file.local(SUBJECTS, "Roles")));
    rows.push(("Timeout", timeout(file, request.timeout_ms)));
    rows.push(("Catalogue", file.local(FAULTS, "Catalogue")));
    if request.idempotent {
        rows.push(("Idempotent", "true".to_owned()));
    }
    if request.control {
        rows.push(("Control", "true".to_owned()));
    }
    if let Some(key) = ordering(file, request) {
        rows.push(("Ordering", text(&key)));
    }
    let faults = emitter.plan.errors_of(request);
    let faults = faults.iter();
    let faults = faults.map(|kind| file.local(FAULTS, &names::exported(&kind.code)));
    let faults: Vec<String> = faults.collect();
    variable(file, operation, &rows, &faults);
}

/// Writes the items of an event beside its type.
pub(super) fn event(file: &mut File<'_>, operation: &Operation, message: &Name) {
    let all: Vec<_> = operation.params.iter().collect();
    params::params_struct(file, operation, &all);
    params::filter_struct(file, operation);
    let mut rows = head(file, operation);
    if let Delivery::Queue(group) = &operation.delivery {
        rows.push(("Queue", text(group)));
    }
    variable(file, operation, &rows, &[]);
    subscribe(file, operation, message);
}

/// The variable of an operation.
pub(super) fn name(operation: &Operation) -> String {
    super::value::variable(&operation.name, "operation")
}

fn head(file: &mut File<'_>, operation: &Operation) -> Vec<(&'static str, String)> {
    let subject = params::subject(file, operation);
    vec![
        ("Name", text(&operation.name.snake())),
        ("Subject", subject),
    ]
}

/// Writes the variable of an operation. gofmt aligns the values of single lines.
fn variable(
    file: &mut File<'_>,
    operation: &Operation,
    rows: &[(&'static str, String)],
    faults: &[String],
) {
    let (ty, kind) = (file.runtime("Operation"), file.runtime("FaultKind"));
    let width = rows.iter().map(|(key, _)| key.len() + 1).max().unwrap_or(0);
    file.writer.line("");
    let head = format!("var {} = {ty}{{", name(operation));
    file.writer.block(&head, "}", |writer| {
        for (key, value) in rows {
            let key = format!("{key}:");
            writer.line(&format!("{key:width$} {value},"));
        }
        let line = format!("{:width$} []*{kind}{{{}}},", "Faults:", faults.join(", "));
        if faults.is_empty() {
            return;
        }
        if writer.fits(&line, COLUMNS) {
            writer.line(&line);
        } else {
            writer.list(&format!("Faults: []*{kind}{{"), faults, "},", 0);
        }
    });
}

fn timeout(file: &mut File<'_>, millis: u64) -> String {
    let (count, unit) = if millis.is_multiple_of(1000) {
        (millis / 1000, "Second")
    } else {
        (millis, "Millisecond")
    };
    format!("{count} * {}", file.standard("time", unit))
}

/// The key of the member that orders requests.
fn ordering(file: &File<'_>, request: &Request) -> Option<String> {
    let ordering = request.ordering.as_ref()?;
    let def = file.emitter.plan.get(&request.request)?;
    let crate::model::Shape::Struct(shape) = &def.shape else {
        return None;
    };
    let field = shape.fields.iter().find(|field| field.name == *ordering)?;
    Some(field.key.clone())
}

fn subscribe(file: &mut File<'_>, operation: &Operation, message: &Name) {
    let operation_name = names::exported(&operation.name);
    let (context, conn) = (file.standard("context", "Context"), file.runtime("Conn"));
    let filter = names::exported(&plan::filter(operation));
    let params = names::exported(&plan::params(operation));
    let (option, subscription) = (
        file.runtime("SubscribeOption"),
        file.runtime("Subscription"),
    );
    let (call, message) = (file.runtime("Subscribe"), file.named(message));
    let prefix = file.local(SUBJECTS, "Prefix");
    let variable = name(operation);
    let read = params::read_function(operation);
    let filters = params::filters(file, operation);
    let filter_name = if operation.params.is_empty() {
        "_"
    } else {
        "filter"
    };
    file.writer.line("");
    docs::comment(
        &mut file.writer,
        &[
            &format!(
                "Subscribe{operation_name} subscribes to `{}`. The context limits the wait for the confirmation of the server.",
                operation.name
            ),
            docs::deprecated(operation.deprecated),
        ],
    );
    let signature = format!(
        "func Subscribe{operation_name}(ctx {context}, conn *{conn}, {filter_name} {filter}, options ...{option}) (*{subscription}[{params}, {message}], error) {{"
    );
    file.writer.block(&signature, "}", |writer| {
        writer.line(&format!(
            "return {call}[{message}](ctx, conn, {prefix}, &{variable}, {read}, options{filters})"
        ));
    });
}
