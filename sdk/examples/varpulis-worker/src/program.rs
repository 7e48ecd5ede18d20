//! Programs: parsed, checked and loaded into an engine.

use std::collections::BTreeMap;
use std::env;

use tokio::sync::mpsc::{self, Receiver};
use varpulis_core::SharedEvent;
use varpulis_core::ast::{Program, Stmt, StreamOp, StreamSource};
use varpulis_runtime::Engine;
use varpulis_sdk::worker::DeployFault;

/// An engine with its program.
pub(crate) struct Loaded {
    pub(crate) engine: Engine,
    /// The events that its streams emit.
    pub(crate) outputs: Receiver<SharedEvent>,
}

/// Why a program cannot run.
pub(crate) enum ProgramError {
    /// It is no program.
    Syntax(String),
    /// The engine or this worker refuses it.
    Refused(String),
}

impl From<ProgramError> for DeployFault {
    fn from(error: ProgramError) -> Self {
        match error {
            ProgramError::Syntax(reason) => Self::PipelineParse(reason),
            ProgramError::Refused(reason) => Self::Engine(reason),
        }
    }
}

/// Loads a program. Connectors are checked, but not started.
pub(crate) fn load(source: &str) -> Result<Loaded, ProgramError> {
    let program = varpulis_parser::parse(source);
    let program = program.map_err(|error| ProgramError::Syntax(error.to_string()))?;
    let sinks = sinks(&program).map_err(ProgramError::Refused)?;
    // The engine busy-waits while the channel is full, and only its caller reads the channel. So the channel must hold
    // all outputs of a call.
    let (sender, outputs) = mpsc::channel(tokio::sync::Semaphore::MAX_PERMITS);
    let mut engine = Engine::builder()
        .plan_checkpointing(true)
        .shared_output(sender)
        // Its default is the working directory.
        .dlq_path(env::temp_dir().join("varpulis-dlq.jsonl"))
        .build();
    let loaded = engine.load(&program);
    loaded.map_err(|error| ProgramError::Refused(error.to_string()))?;
    check(&engine, &sinks).map_err(ProgramError::Refused)?;
    Ok(Loaded { engine, outputs })
}

/// Checks that all connectors of the streams are declared, which the engine does only for sources. Returns the names and
/// types of the connectors that receive events.
fn sinks(program: &Program) -> Result<BTreeMap<&str, &str>, String> {
    let statements = || program.statements.iter().map(|statement| &statement.node);
    let declared: BTreeMap<_, _> = statements()
        .filter_map(|statement| match statement {
            Stmt::ConnectorDecl {
                name,
                connector_type,
                ..
            } => Some((name.as_str(), connector_type.as_str())),
            _ => None,
        })
        .collect();
    let mut sinks = BTreeMap::new();
    for statement in statements() {
        let Stmt::StreamDecl {
            name, source, ops, ..
        } = statement
        else {
            continue;
        };
        let find = |connector: &str| {
            let found = declared.get_key_value(connector);
            found.ok_or_else(|| format!("stream {name}: no connector `{connector}` is declared"))
        };
        if let StreamSource::FromConnector { connector_name, .. } = source {
            find(connector_name)?;
        }
        for op in ops {
            match op {
                StreamOp::To { connector_name, .. } => sinks.extend([find(connector_name)?]),
                StreamOp::Enrich(enrichment) => drop(find(&enrichment.connector_name)?),
                _ => {}
            }
        }
    }
    Ok(sinks)
}

/// Refuses parts of programs that the engine would ignore silently.
fn check(engine: &Engine, sinks: &BTreeMap<&str, &str>) -> Result<(), String> {
    if engine.has_contexts() {
        return Err("this worker runs no contexts".to_owned());
    }
    if let Some((_, _, name)) = engine.get_timers().first() {
        return Err(format!("this worker runs no timers: `{name}`"));
    }
    match sinks
        .iter()
        .find(|(name, _)| engine.sink_keys_for_connector(name).is_empty())
    {
        Some((name, kind)) => Err(format!(
            "connector `{name}`: this engine has no sink of the type `{kind}`"
        )),
        None => Ok(()),
    }
}
