//! The pipelines of a worker.

use std::collections::BTreeMap;

use natsgen_runtime::Map;

use super::language::{Program, ProgramError};
use super::pipeline::{Pipeline, VARIABLES_LIMIT};
use varpulis_sdk::types::{EventType, OutputEvent, PipelineId, PipelineMetrics, WorkerId};
use varpulis_sdk::worker::{DeployFault, DeployRequest};

/// The pipelines of a worker.
#[derive(Debug)]
pub(super) struct Engine {
    /// The prefix of all pipeline ids: the worker and its start time. So an id of an earlier run of the worker matches
    /// no pipeline.
    id_prefix: String,
    max_pipelines: u32,
    deployed: u64,
    pipelines: BTreeMap<PipelineId, Pipeline>,
}

impl Engine {
    pub(super) fn new(worker: &WorkerId, max_pipelines: u32) -> Self {
        let started = jiff::Timestamp::now().as_microsecond();
        Self {
            id_prefix: format!("{worker}-{started:x}"),
            max_pipelines,
            deployed: 0,
            pipelines: BTreeMap::new(),
        }
    }

    pub(super) fn deploy(&mut self, request: &DeployRequest) -> Result<PipelineId, DeployFault> {
        let program = Program::parse(&request.source).map_err(|error| match error {
            ProgramError::Syntax { .. } => DeployFault::PipelineParse(error.to_string()),
            ProgramError::Unsupported(reason) => DeployFault::Engine(reason),
        })?;
        if program.variables.len() > VARIABLES_LIMIT {
            let reason = format!("a program has {VARIABLES_LIMIT} variables at most");
            return Err(DeployFault::Engine(reason));
        }
        if self.running() >= self.max_pipelines {
            return Err(DeployFault::QuotaExceeded(format!(
                "{} pipelines",
                self.max_pipelines
            )));
        }
        self.deployed += 1;
        let id = PipelineId::try_from(format!("{}-{}", self.id_prefix, self.deployed));
        let id = id.map_err(|error| DeployFault::Engine(error.to_string()))?;
        self.pipelines
            .insert(id.clone(), Pipeline::new(request.name.clone(), program));
        Ok(id)
    }

    /// Removes a pipeline. Returns whether it existed.
    pub(super) fn undeploy(&mut self, id: &PipelineId) -> bool {
        self.pipelines.remove(id).is_some()
    }

    /// The pipeline with this id. The error is the id, as faults contain it.
    pub(super) fn pipeline(&mut self, id: &PipelineId) -> Result<&mut Pipeline, String> {
        self.pipelines.get_mut(id).ok_or_else(|| id.to_string())
    }

    /// Processes an event in every pipeline that accepts its type. Returns the outputs or the error of each.
    pub(super) fn process(
        &mut self,
        event_type: &EventType,
        fields: &Map,
    ) -> Vec<Result<Vec<OutputEvent>, String>> {
        let pipelines = self
            .pipelines
            .values_mut()
            .filter(|pipeline| pipeline.accepts(event_type));
        pipelines
            .map(|pipeline| pipeline.process(event_type, fields))
            .collect()
    }

    pub(super) const fn max_pipelines(&self) -> u32 {
        self.max_pipelines
    }

    /// At most the greatest permitted number, which is a `u32`.
    pub(super) fn running(&self) -> u32 {
        u32::try_from(self.pipelines.len()).unwrap_or(u32::MAX)
    }

    /// The counters of the pipelines.
    pub(super) fn metrics(&self) -> impl Iterator<Item = PipelineMetrics> {
        self.pipelines.values().map(Pipeline::metrics)
    }
}
