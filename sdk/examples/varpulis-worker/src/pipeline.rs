//! A deployed pipeline: an engine, its outputs and its connectors.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use natsgen_runtime::{Side, codec};
use tokio::sync::mpsc::{self, Receiver};
use tokio::sync::{Mutex, OwnedSemaphorePermit};
use tracing::warn;
use varpulis_core::Event;
use varpulis_runtime::Engine;
use varpulis_runtime::persistence::EngineCheckpoint as EngineState;
use varpulis_sdk::types::{EngineCheckpoint, OutputEvent, PipelineMetrics, PipelineName};

use crate::connectors::Connectors;
use crate::convert;
use crate::program::{Loaded, ProgramError, load};

/// The number of batches that wait for the engine. A source waits while the queue is full.
const SOURCE_QUEUE: usize = 1_024;

/// A deployed pipeline.
pub(crate) struct Pipeline {
    name: PipelineName,
    loaded: Mutex<Loaded>,
    connectors: Connectors,
    counters: Counters,
    /// The number of events of all pipelines since the worker started.
    processed: Arc<AtomicU64>,
    /// Its place in the quota, which is free after the pipeline has ended.
    _place: OwnedSemaphorePermit,
}

/// The engine's counters after its last call. Heartbeats must not wait for the engine.
#[derive(Default)]
struct Counters {
    events_in: AtomicU64,
    events_out: AtomicU64,
}

impl Counters {
    fn read(&self, engine: &Engine) {
        let (events_in, events_out) = engine.event_counters();
        self.events_in.store(events_in, Ordering::Relaxed);
        self.events_out.store(events_out, Ordering::Relaxed);
    }
}

impl Pipeline {
    /// Loads a program and starts its connectors.
    pub(crate) async fn start(
        name: PipelineName,
        source: &str,
        processed: Arc<AtomicU64>,
        place: OwnedSemaphorePermit,
    ) -> Result<Arc<Self>, ProgramError> {
        let mut loaded = load(source)?;
        let (sender, events) = mpsc::channel(SOURCE_QUEUE);
        let connectors = Connectors::start(&mut loaded.engine, sender).await;
        let pipeline = Arc::new(Self {
            name,
            loaded: Mutex::new(loaded),
            connectors: connectors.map_err(ProgramError::Refused)?,
            counters: Counters::default(),
            processed,
            _place: place,
        });
        tokio::spawn(receive(Arc::downgrade(&pipeline), events));
        Ok(pipeline)
    }

    /// Processes an event. Returns the events that the streams emit.
    pub(crate) async fn process(&self, event: Event) -> Result<Vec<OutputEvent>, String> {
        self.process_all(vec![event]).await
    }

    async fn process_all(&self, events: Vec<Event>) -> Result<Vec<OutputEvent>, String> {
        let mut loaded = self.loaded.lock().await;
        let Loaded { engine, outputs } = &mut *loaded;
        // Outputs that are left of a cancelled call.
        while outputs.try_recv().is_ok() {}
        let number = events.len() as u64;
        let processed = engine.process_batch(events).await;
        self.processed.fetch_add(number, Ordering::Relaxed);
        self.counters.read(engine);
        processed.map_err(|error| error.to_string())?;
        std::iter::from_fn(|| outputs.try_recv().ok())
            .map(|output| {
                convert::from_engine(&output).map_err(|reason| {
                    format!("processed, but the output {}: {reason}", output.event_type)
                })
            })
            .collect()
    }

    /// The state of the engine.
    ///
    /// # Panics
    /// If the state exceeds the limits of the protocol. The caller receives `internal`, because `checkpoint` declares no
    /// other error.
    pub(crate) async fn checkpoint(&self) -> EngineCheckpoint {
        let state = self.loaded.lock().await.engine.create_checkpoint();
        let json = serde_json::to_vec(&state).expect("all keys are texts");
        codec::decode(&json, Side::Reply).expect("the state is within the limits")
    }

    /// Continues from a checkpoint. A checkpoint of another program changes nothing.
    pub(crate) async fn restore(&self, checkpoint: &EngineCheckpoint) -> Result<(), String> {
        let json = codec::encode(checkpoint).map_err(|error| error.to_string())?;
        let state: EngineState =
            serde_json::from_slice(&json).map_err(|error| error.to_string())?;
        let mut loaded = self.loaded.lock().await;
        check_names(&loaded.engine, &state)?;
        let restored = loaded.engine.restore_checkpoint(&state);
        self.counters.read(&loaded.engine);
        restored.map_err(|error| error.to_string())
    }

    /// The counters and the connectors in a heartbeat.
    pub(crate) fn metrics(&self) -> PipelineMetrics {
        let [events_in, events_out] = [&self.counters.events_in, &self.counters.events_out]
            .map(|counter| counter.load(Ordering::Relaxed));
        let mut metrics = PipelineMetrics::new(self.name.clone(), events_in, events_out);
        metrics.connector_health = self.connectors.health();
        metrics
    }
}

/// Checks that a program has all streams and variables of a checkpoint. The engine would ignore the streams and add the
/// variables.
fn check_names(engine: &Engine, state: &EngineState) -> Result<(), String> {
    let streams = engine.stream_names();
    let stated = [
        state.window_states.keys().collect::<Vec<_>>(),
        state.sase_states.keys().collect(),
        state.join_states.keys().collect(),
        state.distinct_states.keys().collect(),
        state.limit_states.keys().collect(),
    ];
    let mut stated = stated.into_iter().flatten();
    if let Some(name) = stated.find(|name| !streams.contains(&name.as_str())) {
        return Err(format!("the program has no stream `{name}`"));
    }
    let mut variables = state.variables.keys();
    match variables.find(|name| engine.get_variable(name).is_none()) {
        Some(name) => Err(format!("the program declares no variable `{name}`")),
        None => Ok(()),
    }
}

/// Processes the events of the sources until the pipeline is removed.
async fn receive(pipeline: Weak<Pipeline>, mut events: Receiver<Vec<Event>>) {
    while let Some(batch) = events.recv().await {
        let Some(pipeline) = pipeline.upgrade() else {
            return;
        };
        if let Err(reason) = pipeline.process_all(batch).await {
            warn!(pipeline = %pipeline.name, "events of a source failed: {reason}");
        }
    }
}
