//! The syntax tree of a program.

use natsgen_runtime::Value;
use varpulis_sdk::types::EventType;

/// A parsed program.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Program {
    /// The variables with their initial values.
    pub(crate) variables: Vec<(String, Value)>,
    /// The streams, in the order in which an event is processed.
    pub(crate) streams: Vec<Stream>,
}

/// A stream: it accepts events of a type and emits other events.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stream {
    /// Its name, which is also the type of the events that it emits.
    pub(crate) name: EventType,
    /// The type of the events that it accepts.
    pub(crate) accepts: EventType,
    /// The stages, in order. An event that a condition rejects is not processed further.
    pub(crate) stages: Vec<Stage>,
    /// The fields of emitted events; by default all fields of the accepted event.
    pub(crate) emit: Option<Vec<Assignment>>,
}

/// A stage of a stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// Rejects an event unless all conditions are met.
    Where(Vec<Comparison>),
    /// Sets variables.
    Set(Vec<Assignment>),
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) left: Operand,
    pub(crate) operator: Operator,
    pub(crate) right: Operand,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A name and its new value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) value: Operand,
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A variable or, if no variable has this name, a field.
    Name(String),
    Literal(Value),
}

impl Program {
    /// Whether a stream accepts events of this type.
    pub(crate) fn accepts(&self, event_type: &EventType) -> bool {
        self.streams
            .iter()
            .any(|stream| stream.accepts == *event_type)
    }
}
