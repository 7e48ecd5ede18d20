//! The scenario: two workers register, run pipelines, exchange events, restore a pipeline, and drain.

use natsgen_runtime::{Limited, Map, Value};
use varpulis_sdk::types::{
    EngineCheckpoint, EventFields, EventType, InputEvent, OutputEvent, PipelineId, PipelineName,
};
use varpulis_sdk::worker::{
    CheckpointRequest, DeployRequest, DrainRequest, InjectBatchRequest, InjectRequest,
    RestoreRequest, UndeployRequest,
};

use super::participants::Participants;
use super::runner::Runner;
use crate::terminal::error::CommandError;

/// Emits a reading that is hotter than all readings before.
const HOTTEST: &str = "var hottest = 100
stream Hot = SensorReading
    .where(temperature > hottest)
    .set(hottest: temperature)
    .emit(sensor: sensor_id, temperature: temperature)";

/// Processes the events that the other pipeline emits.
const ALARMS: &str = r#"stream Alarm = Hot
    .where(temperature >= 200)
    .emit(sensor: sensor, severity: "high")"#;

/// A program with a syntax error.
const MISTYPED: &str = "stream Hot SensorReading .where(temperature > 100)";

/// The scenario and its participants.
pub(super) struct Scenario<'a> {
    runner: &'a mut Runner,
    participants: Participants,
}

impl<'a> Scenario<'a> {
    /// Runs the scenario, from the first registration to the last shutdown.
    pub(super) async fn run(
        participants: Participants,
        runner: &'a mut Runner,
    ) -> Result<(), CommandError> {
        let mut scenario = Self {
            runner,
            participants,
        };
        scenario.join().await?;
        let (hottest, alarms) = scenario.deploy().await?;
        scenario.inject(&hottest, &alarms).await?;
        let hottest = scenario.restore(&hottest).await?;
        scenario.leave(&hottest).await?;
        scenario.participants.shutdown().await;
        Ok(())
    }

    async fn join(&mut self) -> Result<(), CommandError> {
        self.runner
            .section("Two workers register and send heartbeats")?;
        for worker in [
            self.participants.alpha.clone(),
            self.participants.beta.clone(),
        ] {
            let interval = self.participants.join(&worker).await?;
            let registered = format!(
                "{worker} is registered, heartbeat every {} s",
                interval.as_secs()
            );
            let heartbeats = self.participants.heartbeats(&worker, 1).await?;
            self.runner.report_success(&registered, &heartbeats)?;
        }
        Ok(())
    }

    async fn deploy(&mut self) -> Result<(PipelineId, PipelineId), CommandError> {
        let (runner, workers) = (&mut *self.runner, &self.participants.client);
        let Participants { alpha, beta, .. } = &self.participants;
        runner.section("Each worker gets a pipeline; a source with a syntax error is refused")?;
        let request = deployment("hottest", MISTYPED)?;
        runner
            .expect_failure("pipeline_parse", workers.deploy(alpha, &request))
            .await?;

        let request = deployment("hottest", HOTTEST)?;
        let hottest = runner.expect_reply(workers.deploy(alpha, &request)).await?;
        runner.report_success(&format!("{} runs on alpha", hottest.name), "")?;

        let request = deployment("alarms", ALARMS)?;
        let alarms = runner.expect_reply(workers.deploy(beta, &request)).await?;
        runner.report_success(&format!("{} runs on beta", alarms.name), "")?;
        Ok((hottest.id, alarms.id))
    }

    async fn inject(
        &mut self,
        hottest: &PipelineId,
        alarms: &PipelineId,
    ) -> Result<(), CommandError> {
        let (runner, workers) = (&mut *self.runner, &self.participants.client);
        let Participants { alpha, beta, .. } = &self.participants;
        runner.section("Events are injected at alpha; alpha's output events go to beta")?;
        let request = reading(hottest, 150.5)?;
        let reply = runner.expect_reply(workers.inject(alpha, &request)).await?;
        self.participants.processed_by_beta(1).await?;
        runner.report_success(
            &format!("output: {}", format_outputs(&reply.output_events)),
            "processed by beta",
        )?;

        let request = readings(hottest, &[99.0, 212.5, 180.0, 230.0])?;
        let reply = runner
            .expect_reply(workers.inject_batch(alpha, &request))
            .await?;
        self.participants.processed_by_beta(3).await?;
        let (sent, failed) = (reply.events_sent, reply.events_failed);
        let outputs = reply.output_events.len();
        let note = format!("{sent} processed, {failed} failed; {outputs} output events");
        runner.report_success(&note, "processed by beta")?;

        let request = CheckpointRequest::new(alarms.clone());
        let state = runner
            .expect_reply(workers.checkpoint(beta, &request))
            .await?
            .0;
        expect_counts(&state, 3, 2)?;
        runner.report_success(&format!("alarms on beta: {}", counts(&state)), "")
    }

    /// Undeploys the pipeline and deploys it again under another id, with its earlier state.
    async fn restore(&mut self, stopped: &PipelineId) -> Result<PipelineId, CommandError> {
        let (runner, workers) = (&mut *self.runner, &self.participants.client);
        let alpha = &self.participants.alpha;
        runner.section("A pipeline is undeployed and restored from a checkpoint")?;
        let request = CheckpointRequest::new(stopped.clone());
        let state = runner
            .expect_reply(workers.checkpoint(alpha, &request))
            .await?
            .0;
        expect_counts(&state, 5, 3)?;
        runner.report_success(&format!("hottest on alpha: {}", counts(&state)), "")?;

        let request = UndeployRequest::new(stopped.clone());
        runner
            .expect_reply(workers.undeploy(alpha, &request))
            .await?;
        runner.report_success("undeployed, its state is lost", "")?;
        let request = reading(stopped, 240.0)?;
        runner
            .expect_failure("pipeline_not_found", workers.inject(alpha, &request))
            .await?;

        let request = deployment("hottest", HOTTEST)?;
        let pipeline_id = runner
            .expect_reply(workers.deploy(alpha, &request))
            .await?
            .id;
        runner.report_success("deployed again as a new pipeline", "")?;
        let request = RestoreRequest::new(pipeline_id.clone(), state);
        runner
            .expect_reply(workers.restore(alpha, &request))
            .await?;
        runner.report_success("restored from the checkpoint", "")?;

        let request = reading(&pipeline_id, 220.0)?;
        let reply = runner.expect_reply(workers.inject(alpha, &request)).await?;
        if !reply.output_events.is_empty() {
            let reason = "the restored pipeline has lost its maximum temperature";
            return Err(CommandError::Failed(reason.to_owned()));
        }
        runner.report_success("no output: 220 is below the restored maximum of 230", "")?;
        self.participants.send_heartbeat(alpha).await?;
        runner.report_success("", &self.participants.heartbeats(alpha, 2).await?)?;
        Ok(pipeline_id)
    }

    async fn leave(&mut self, hottest: &PipelineId) -> Result<(), CommandError> {
        let alpha = self.participants.alpha.clone();
        let workers = self.participants.client.clone();
        self.runner
            .section("Alpha drains: it refuses new work, and shuts down")?;
        self.runner
            .expect_reply(workers.drain(&alpha, &DrainRequest::default()))
            .await?;
        self.participants.drained(&alpha).await?;
        self.runner.report_success("alpha drains", "")?;
        let request = reading(hottest, 300.0)?;
        self.runner
            .expect_failure("worker_draining", workers.inject(&alpha, &request))
            .await?;
        self.participants.stop(&alpha).await;
        self.runner
            .expect_failure("not_delivered", workers.inject(&alpha, &request))
            .await
    }
}

fn deployment(name: &str, source: &str) -> Result<DeployRequest, CommandError> {
    let name = PipelineName::try_from(name).map_err(|error| CommandError::unexpected(&error))?;
    Ok(DeployRequest::new(
        name,
        Limited::try_from(source).map_err(|error| CommandError::unexpected(&error))?,
    ))
}

fn reading(pipeline: &PipelineId, temperature: f64) -> Result<InjectRequest, CommandError> {
    let InputEvent {
        event_type, fields, ..
    } = sensor_reading(temperature)?;
    let mut request = InjectRequest::new(pipeline.clone(), event_type);
    request.fields = fields;
    Ok(request)
}

fn readings(
    pipeline: &PipelineId,
    temperatures: &[f64],
) -> Result<InjectBatchRequest, CommandError> {
    let events = temperatures
        .iter()
        .map(|temperature| sensor_reading(*temperature));
    let events = events.collect::<Result<Vec<_>, _>>()?;
    let events = events.try_into();
    let events = events.map_err(|error| CommandError::unexpected(&error))?;
    Ok(InjectBatchRequest::new(pipeline.clone(), events))
}

fn sensor_reading(temperature: f64) -> Result<InputEvent, CommandError> {
    let event_type = EventType::try_from("SensorReading");
    let fields = [
        ("sensor_id", Value::from("s1")),
        ("temperature", temperature.into()),
    ];
    let fields: Map = fields.into_iter().collect();
    let mut event = InputEvent::new(event_type.map_err(|error| CommandError::unexpected(&error))?);
    event.fields =
        EventFields(Limited::new(fields).map_err(|error| CommandError::unexpected(&error))?);
    Ok(event)
}

/// `Hot temperature=150.5`
fn format_outputs(outputs: &[OutputEvent]) -> String {
    let outputs = outputs.iter().map(|output| {
        let fields = output.fields.iter().flat_map(|fields| fields.0.iter());
        let fields = fields.map(|(name, value)| format!(" {name}={value}"));
        format!("{}{}", output.event_type, fields.collect::<String>())
    });
    outputs.collect::<Vec<_>>().join(", ")
}

fn counts(state: &EngineCheckpoint) -> String {
    format!(
        "{} in, {} out",
        state.events_processed, state.output_events_emitted
    )
}

/// Checks that the worker's counters match the injected events.
fn expect_counts(
    state: &EngineCheckpoint,
    events_in: u64,
    events_out: u64,
) -> Result<(), CommandError> {
    if (state.events_processed, state.output_events_emitted) == (events_in, events_out) {
        return Ok(());
    }
    Err(CommandError::Failed(format!(
        "expected {events_in} in, {events_out} out, but the worker has {}",
        counts(state)
    )))
}
