//! A deployed pipeline: a program, its counters and its variables.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use natsgen_runtime::{Limited, Map, Number, Value};

use super::language::{Assignment, Comparison, Operand, Operator, Program, Stage, Stream};
use varpulis_sdk::types::{
    EngineCheckpoint, EngineStates, EventFields, EventType, OutputEvent, PipelineMetrics,
    PipelineName,
};

/// The checkpoint version that this engine writes, and the newest that it reads.
const CHECKPOINT_VERSION: u32 = 2;

/// The limit of variables in a program: the limit of a checkpoint.
pub(super) const VARIABLES_LIMIT: usize = 100_000;

type Variables = BTreeMap<String, Value>;

/// A deployed pipeline.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    name: PipelineName,
    program: Program,
    variables: Variables,
    events_in: u64,
    events_out: u64,
}

impl Pipeline {
    /// Creates a pipeline without events.
    pub(super) fn new(name: PipelineName, program: Program) -> Self {
        let variables = program.variables.iter().cloned().collect();
        Self {
            name,
            program,
            variables,
            events_in: 0,
            events_out: 0,
        }
    }

    /// Whether a stream accepts events of this type.
    pub(super) fn accepts(&self, event_type: &EventType) -> bool {
        self.program.accepts(event_type)
    }

    /// Processes an event in all streams. An event that fails changes nothing and is not counted.
    pub(super) fn process(
        &mut self,
        event_type: &EventType,
        fields: &Map,
    ) -> Result<Vec<OutputEvent>, String> {
        let mut variables = self.variables.clone();
        let mut outputs = Vec::new();
        for stream in &self.program.streams {
            if stream.accepts == *event_type {
                let output = run(stream, fields, &mut variables);
                outputs
                    .extend(output.map_err(|reason| format!("stream {}: {reason}", stream.name))?);
            }
        }
        self.variables = variables;
        self.events_in += 1;
        self.events_out += outputs.len() as u64;
        Ok(outputs)
    }

    /// The state that [`Pipeline::restore`] needs.
    pub(super) fn checkpoint(&self) -> EngineCheckpoint {
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), tagged(value)));
        let mut checkpoint = EngineCheckpoint::new(
            EngineStates::default(),
            EngineStates::default(),
            EngineStates::default(),
            Limited::new(variables.collect()).expect("a program has a limited number"),
            self.events_in,
            self.events_out,
        );
        checkpoint.version = CHECKPOINT_VERSION;
        checkpoint.watermark_state = Value::Null;
        checkpoint.distinct_states = EngineStates::default();
        checkpoint.limit_states = EngineStates::default();
        checkpoint.source_offsets = EngineStates::default();
        checkpoint
    }

    /// Continues from a checkpoint. A checkpoint that does not match the program changes nothing.
    pub(super) fn restore(&mut self, checkpoint: &EngineCheckpoint) -> Result<(), String> {
        if checkpoint.version > CHECKPOINT_VERSION {
            return Err(format!(
                "checkpoint version {} is newer than supported version {CHECKPOINT_VERSION}",
                checkpoint.version
            ));
        }
        let foreign = [
            ("window_states", &checkpoint.window_states),
            ("sase_states", &checkpoint.sase_states),
            ("join_states", &checkpoint.join_states),
            ("distinct_states", &checkpoint.distinct_states),
            ("limit_states", &checkpoint.limit_states),
            ("source_offsets", &checkpoint.source_offsets),
        ];
        if let Some((member, _)) = foreign.into_iter().find(|(_, states)| !states.0.is_empty()) {
            return Err(format!("the sample engine does not support {member}"));
        }
        let mut variables = Variables::new();
        for (name, value) in checkpoint.variables.iter() {
            if !self.variables.contains_key(name) {
                return Err(format!("the program declares no variable `{name}`"));
            }
            let value = untagged(value).ok_or_else(|| format!("variable `{name}` has no value"))?;
            variables.insert(name.to_owned(), value);
        }
        if let Some(name) = self
            .variables
            .keys()
            .find(|name| !variables.contains_key(*name))
        {
            return Err(format!("the checkpoint has no variable `{name}`"));
        }
        self.variables = variables;
        self.events_in = checkpoint.events_processed;
        self.events_out = checkpoint.output_events_emitted;
        Ok(())
    }

    /// The counters in a heartbeat.
    pub(super) fn metrics(&self) -> PipelineMetrics {
        PipelineMetrics::new(self.name.clone(), self.events_in, self.events_out)
    }
}

fn run(
    stream: &Stream,
    fields: &Map,
    variables: &mut Variables,
) -> Result<Option<OutputEvent>, String> {
    for stage in &stream.stages {
        match stage {
            Stage::Where(conditions) => {
                for condition in conditions {
                    if !is_met(condition, fields, variables)? {
                        return Ok(None);
                    }
                }
            }
            Stage::Set(assignments) => {
                for Assignment { name, value } in assignments {
                    let value = look_up(value, fields, variables);
                    let value =
                        value.ok_or_else(|| format!("the event has no value for `{name}`"))?;
                    variables.insert(name.clone(), value.clone());
                }
            }
        }
    }
    let fields = match &stream.emit {
        None => fields.clone(),
        Some(assignments) => assignments
            .iter()
            .filter_map(|Assignment { name, value }| {
                Some((name.as_str(), look_up(value, fields, variables)?.clone()))
            })
            .collect(),
    };
    let fields = Limited::new(fields).map_err(|violation| violation.to_string())?;
    Ok(Some({
        let mut event = OutputEvent::new(stream.name.clone());
        event.fields = Some(EventFields(fields));
        event
    }))
}

fn look_up<'a>(
    operand: &'a Operand,
    fields: &'a Map,
    variables: &'a Variables,
) -> Option<&'a Value> {
    match operand {
        Operand::Literal(value) => Some(value),
        Operand::Name(name) => variables.get(name).or_else(|| fields.get(name)),
    }
}

/// Whether a condition is met. A comparison with a missing field is never met.
fn is_met(condition: &Comparison, fields: &Map, variables: &Variables) -> Result<bool, String> {
    let left = look_up(&condition.left, fields, variables);
    let right = look_up(&condition.right, fields, variables);
    let (Some(left), Some(right)) = (left, right) else {
        return Ok(false);
    };
    let order = compare(left, right)
        .ok_or_else(|| format!("cannot compare {} with {}", kind(left), kind(right)))?;
    Ok(match condition.operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
    })
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        // Compares integers as such, because a float would lose the last digits of large integers.
        (Value::Number(left), Value::Number(right)) => {
            match (left.as_integer(), right.as_integer()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64().partial_cmp(&right.as_f64()),
            }
        }
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A value in the form of checkpoints, e.g. `{"Float": 1.0}`.
fn tagged(value: &Value) -> Value {
    let tag = match value {
        Value::Number(Number::Float(_)) => "Float",
        Value::Number(_) => "Int",
        Value::Text(_) => "String",
        Value::Bool(_) => "Bool",
        Value::Array(_) => "Array",
        Value::Object(_) => "Map",
        Value::Null => "Null",
    };
    Value::Object(Map::from_iter([(tag.to_owned(), value.clone())]))
}

fn untagged(value: &Value) -> Option<Value> {
    let members = value.as_object()?;
    let value = members.values().next()?;
    (members.len() == 1 && tagged(value).as_object() == Some(members)).then(|| value.clone())
}

#[cfg(test)]
mod tests;
