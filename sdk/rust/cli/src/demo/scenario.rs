//! What happens: two workers join, run pipelines, exchange events, move one, and leave.

use natsgen_runtime::{Limited, Map, Value};
use varpulis_sdk::types::{
    EngineCheckpoint, EventFields, EventType, InputEvent, OutputEvent, PipelineId, PipelineName,
};
use varpulis_sdk::worker::{
    CheckpointRequest, DeployRequest, DrainRequest, InjectBatchRequest, InjectRequest,
    RestoreRequest, UndeployRequest,
};

use super::cast::Cast;
use super::narrator::Narrator;
use crate::error::CommandError;

/// Puts out a reading that is hotter than all before it.
const HOTTEST: &str = "var hottest = 100
stream Hot = SensorReading
    .where(temperature > hottest)
    .set(hottest: temperature)
    .emit(sensor: sensor_id, temperature: temperature)";

/// Takes what the other puts out.
const ALARMS: &str = r#"stream Alarm = Hot
    .where(temperature >= 200)
    .emit(sensor: sensor, severity: "high")"#;

/// A slip of the finger.
const MISTYPED: &str = "stream Hot SensorReading .where(temperature > 100)";

/// The scenario and those who play in it.
pub(super) struct Scenario<'a> {
    narrator: &'a mut Narrator,
    cast: Cast,
}

impl<'a> Scenario<'a> {
    /// From the first registration to the last shutdown.
    pub(super) async fn play(cast: Cast, narrator: &'a mut Narrator) -> Result<(), CommandError> {
        let mut scenario = Self { narrator, cast };
        scenario.join().await?;
        let (hottest, alarms) = scenario.deploy().await?;
        scenario.inject(&hottest, &alarms).await?;
        let hottest = scenario.bring_back(&hottest).await?;
        scenario.leave(&hottest).await?;
        scenario.cast.dismiss().await;
        Ok(())
    }

    async fn join(&mut self) -> Result<(), CommandError> {
        self.narrator
            .section("Two workers join, and their heartbeats are heard")?;
        for worker in [self.cast.alpha.clone(), self.cast.beta.clone()] {
            let interval = self.cast.join(&worker).await?;
            let registered = format!(
                "{worker} is registered, heartbeat every {} s",
                interval.as_secs()
            );
            let heard = self.cast.heard(&worker, 1).await?;
            self.narrator.tell(&registered, &heard)?;
        }
        Ok(())
    }

    async fn deploy(&mut self) -> Result<(PipelineId, PipelineId), CommandError> {
        let (narrator, workers) = (&mut *self.narrator, &self.cast.client);
        let Cast { alpha, beta, .. } = &self.cast;
        narrator.section("Each gets a pipeline; a source with a slip in it is refused")?;
        let request = deployment("hottest", MISTYPED)?;
        narrator
            .fails("pipeline_parse", workers.deploy(alpha, &request))
            .await?;

        let request = deployment("hottest", HOTTEST)?;
        let hottest = narrator.answered(workers.deploy(alpha, &request)).await?;
        narrator.tell(&format!("{} runs on alpha", hottest.name), "")?;

        let request = deployment("alarms", ALARMS)?;
        let alarms = narrator.answered(workers.deploy(beta, &request)).await?;
        narrator.tell(&format!("{} runs on beta", alarms.name), "")?;
        Ok((hottest.id, alarms.id))
    }

    async fn inject(
        &mut self,
        hottest: &PipelineId,
        alarms: &PipelineId,
    ) -> Result<(), CommandError> {
        let (narrator, workers) = (&mut *self.narrator, &self.cast.client);
        let Cast { alpha, beta, .. } = &self.cast;
        narrator.section("Events go into alpha; what it puts out goes on to beta")?;
        let request = reading(hottest, 150.5)?;
        let reply = narrator.answered(workers.inject(alpha, &request)).await?;
        self.cast.taken_by_beta(1).await?;
        narrator.tell(
            &format!("put out: {}", shown(&reply.output_events)),
            "beta has taken it",
        )?;

        let request = readings(hottest, &[99.0, 212.5, 180.0, 230.0])?;
        let reply = narrator
            .answered(workers.inject_batch(alpha, &request))
            .await?;
        self.cast.taken_by_beta(3).await?;
        let (sent, failed) = (reply.events_sent, reply.events_failed);
        let put_out = reply.output_events.len();
        let note = format!("{sent} taken, {failed} failed; put out: {put_out}");
        narrator.tell(&note, "beta has taken it")?;

        let request = CheckpointRequest {
            pipeline_id: alarms.clone(),
        };
        let state = narrator
            .answered(workers.checkpoint(beta, &request))
            .await?
            .0;
        expect_counts(&state, 3, 2)?;
        narrator.tell(&format!("alarms on beta: {}", counts(&state)), "")
    }

    /// The pipeline stops and comes back under another id, with the state that it had.
    async fn bring_back(&mut self, stopped: &PipelineId) -> Result<PipelineId, CommandError> {
        let (narrator, workers) = (&mut *self.narrator, &self.cast.client);
        let alpha = &self.cast.alpha;
        narrator.section("A pipeline is stopped and comes back as it was")?;
        let request = CheckpointRequest {
            pipeline_id: stopped.clone(),
        };
        let state = narrator
            .answered(workers.checkpoint(alpha, &request))
            .await?
            .0;
        expect_counts(&state, 5, 3)?;
        narrator.tell(&format!("hottest on alpha: {}", counts(&state)), "")?;

        let request = UndeployRequest {
            pipeline_id: stopped.clone(),
        };
        narrator.answered(workers.undeploy(alpha, &request)).await?;
        narrator.tell("stopped, its state forgotten", "")?;
        let request = reading(stopped, 240.0)?;
        narrator
            .fails("pipeline_not_found", workers.inject(alpha, &request))
            .await?;

        let request = deployment("hottest", HOTTEST)?;
        let pipeline_id = narrator.answered(workers.deploy(alpha, &request)).await?.id;
        narrator.tell("runs again, as a new pipeline", "")?;
        let request = RestoreRequest {
            pipeline_id: pipeline_id.clone(),
            checkpoint: state,
        };
        narrator.answered(workers.restore(alpha, &request)).await?;
        narrator.tell("goes on from the checkpoint", "")?;

        let request = reading(&pipeline_id, 220.0)?;
        let reply = narrator.answered(workers.inject(alpha, &request)).await?;
        if !reply.output_events.is_empty() {
            let reason = "the restored pipeline does not know that it was hotter before";
            return Err(CommandError::Failed(reason.to_owned()));
        }
        narrator.tell("put out: nothing, it still knows of 230", "")?;
        self.cast.beat(alpha).await?;
        narrator.tell("", &self.cast.heard(alpha, 2).await?)?;
        Ok(pipeline_id)
    }

    async fn leave(&mut self, hottest: &PipelineId) -> Result<(), CommandError> {
        let alpha = self.cast.alpha.clone();
        let workers = self.cast.client.clone();
        self.narrator
            .section("Alpha drains, which means it takes nothing new, and leaves")?;
        self.narrator
            .answered(workers.drain(&alpha, &DrainRequest {}))
            .await?;
        self.cast.drained(&alpha).await?;
        self.narrator.tell("alpha drains", "")?;
        let request = reading(hottest, 300.0)?;
        self.narrator
            .fails("worker_draining", workers.inject(&alpha, &request))
            .await?;
        self.cast.stop(&alpha).await;
        self.narrator
            .fails("not_delivered", workers.inject(&alpha, &request))
            .await
    }
}

fn deployment(name: &str, source: &str) -> Result<DeployRequest, CommandError> {
    let name = PipelineName::try_from(name).map_err(|error| CommandError::unexpected(&error))?;
    Ok(DeployRequest {
        name,
        source: Limited::try_from(source).map_err(|error| CommandError::unexpected(&error))?,
    })
}

fn reading(pipeline: &PipelineId, temperature: f64) -> Result<InjectRequest, CommandError> {
    let InputEvent { event_type, fields } = sensor_reading(temperature)?;
    Ok(InjectRequest {
        pipeline_id: pipeline.clone(),
        event_type,
        fields,
    })
}

fn readings(
    pipeline: &PipelineId,
    temperatures: &[f64],
) -> Result<InjectBatchRequest, CommandError> {
    let events = temperatures
        .iter()
        .map(|temperature| sensor_reading(*temperature));
    Ok(InjectBatchRequest {
        pipeline_id: pipeline.clone(),
        events: events
            .collect::<Result<Vec<_>, _>>()?
            .try_into()
            .map_err(|error| CommandError::unexpected(&error))?,
    })
}

fn sensor_reading(temperature: f64) -> Result<InputEvent, CommandError> {
    let event_type = EventType::try_from("SensorReading");
    let fields = [
        ("sensor_id", Value::from("s1")),
        ("temperature", temperature.into()),
    ];
    let fields: Map = fields.into_iter().collect();
    Ok(InputEvent {
        event_type: event_type.map_err(|error| CommandError::unexpected(&error))?,
        fields: EventFields(
            Limited::new(fields).map_err(|error| CommandError::unexpected(&error))?,
        ),
    })
}

/// `Hot temperature=150.5`
fn shown(outputs: &[OutputEvent]) -> String {
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

/// What the worker says is what was sent, or the demonstration has shown nothing.
fn expect_counts(state: &EngineCheckpoint, taken: u64, put_out: u64) -> Result<(), CommandError> {
    if (state.events_processed, state.output_events_emitted) == (taken, put_out) {
        return Ok(());
    }
    Err(CommandError::Failed(format!(
        "expected {taken} in, {put_out} out, but the worker has {}",
        counts(state)
    )))
}
