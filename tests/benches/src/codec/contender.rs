//! A measured function that decodes or encodes a message.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use jsonschema::Validator;
use natsgen_runtime::codec;
use natsgen_runtime::{Decode, Encode, Side};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use varpulis_sdk::coordinator::{Heartbeat, HeartbeatRef, RegisterRequest, RegisterRequestRef};
use varpulis_sdk::worker::{
    DeployRequest, DeployRequestRef, InjectBatchRequest, InjectBatchRequestRef,
};

use super::message::Message;
use super::{BASELINE, plain, sonic, typify};
use crate::{Effort, Failure, bundle};

/// A function that decodes or encodes a message.
pub(super) struct Contender {
    pub(super) name: &'static str,
    run: Box<dyn FnMut() -> Result<(), Failure>>,
}

impl Contender {
    fn new(name: &'static str, run: impl FnMut() -> Result<(), Failure> + 'static) -> Self {
        let run = Box::new(run);
        Self { name, run }
    }

    /// The time per message in nanoseconds, over `repetitions` messages.
    ///
    /// # Errors
    /// If the message is refused.
    pub(super) fn time(&mut self, repetitions: u32) -> Result<f64, Failure> {
        let start = Instant::now();
        for _ in 0..repetitions {
            (self.run)()?;
        }
        Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(repetitions))
    }

    /// The number of messages in a round of about 10 ms; of 1 ms in the quick form.
    pub(super) fn repetitions(&mut self, effort: Effort) -> u32 {
        let round = Duration::from_millis(if effort.quick { 1 } else { 10 });
        let start = Instant::now();
        let mut repetitions = 0;
        while start.elapsed() < round && (self.run)().is_ok() {
            repetitions += 1;
        }
        repetitions.max(1)
    }
}

/// The decoders of `message`. Each of them accepts the message.
///
/// # Errors
/// If the message has no decoders, or the schema cannot be read.
pub(super) fn decoders(message: &Message, schemas: &Path) -> Result<Vec<Contender>, Failure> {
    let text: &'static [u8] = message.text.clone().leak();
    let validator = validator(message, schemas)?;
    macro_rules! decoders {
        ($plain:ty, $owned:ty, $borrowed:ty, $typify:ty, $sonic:ty) => {
            vec![
                Contender::new(BASELINE, move || read_plain::<$plain>(text)),
                Contender::new("owned", move || {
                    black_box(codec::decode::<$owned>(text, Side::Request)?);
                    Ok(())
                }),
                Contender::new("borrowed", move || {
                    black_box(codec::decode::<$borrowed>(text, Side::Request)?);
                    Ok(())
                }),
                Contender::new("jsonschema", move || validate::<$plain>(&validator, text)),
                Contender::new("typify", move || read_plain::<$typify>(text)),
                Contender::new("sonic_validate", move || {
                    black_box(sonic::read::<$sonic>(text)?);
                    Ok(())
                }),
            ]
        };
    }
    Ok(match message.name {
        "register" => decoders!(
            plain::Register,
            RegisterRequest,
            RegisterRequestRef<'_>,
            typify::register::Message,
            sonic::Register<'_>
        ),
        "deploy" | "program" => decoders!(
            plain::Deploy,
            DeployRequest,
            DeployRequestRef<'_>,
            typify::deploy::Message,
            sonic::Deploy<'_>
        ),
        "heartbeat" => decoders!(
            plain::Heartbeat,
            Heartbeat,
            HeartbeatRef<'_>,
            typify::heartbeat::Message,
            sonic::Heartbeat<'_>
        ),
        "inject_batch" => decoders!(
            plain::InjectBatch,
            InjectBatchRequest,
            InjectBatchRequestRef<'_>,
            typify::inject_batch::Message,
            sonic::InjectBatch<'_>
        ),
        other => return Err(format!("no decoder for {other}").into()),
    })
}

/// The encoders of `message`.
///
/// # Errors
/// If the message has no encoders, or cannot be decoded first.
pub(super) fn encoders(message: &Message) -> Result<Vec<Contender>, Failure> {
    Ok(match message.name {
        "register" => {
            writers::<plain::Register, RegisterRequest, typify::register::Message>(message)?
        }
        "deploy" | "program" => {
            writers::<plain::Deploy, DeployRequest, typify::deploy::Message>(message)?
        }
        "heartbeat" => writers::<plain::Heartbeat, Heartbeat, typify::heartbeat::Message>(message)?,
        "inject_batch" => {
            writers::<plain::InjectBatch, InjectBatchRequest, typify::inject_batch::Message>(
                message,
            )?
        }
        other => return Err(format!("no encoder for {other}").into()),
    })
}

fn writers<P, O, T>(message: &Message) -> Result<Vec<Contender>, Failure>
where
    P: Serialize + DeserializeOwned + 'static,
    O: Encode + for<'a> Decode<'a> + 'static,
    T: Serialize + DeserializeOwned + 'static,
{
    let plain: P = serde_json::from_slice(&message.text)?;
    let same: P = serde_json::from_slice(&message.text)?;
    let typify: T = serde_json::from_slice(&message.text)?;
    let owned: O = codec::decode(&message.text, Side::Request)?;
    if codec::encode(&owned)? != serde_json::to_vec(&plain)? {
        return Err(format!(
            "{}: the bytes differ from those of serde_json",
            message.name
        )
        .into());
    }
    Ok(vec![
        Contender::new(BASELINE, move || {
            black_box(serde_json::to_vec(&plain)?);
            Ok(())
        }),
        Contender::new("natsgen", move || {
            black_box(codec::encode(&owned)?);
            Ok(())
        }),
        Contender::new("typify", move || {
            black_box(serde_json::to_vec(&typify)?);
            Ok(())
        }),
        Contender::new("sonic", move || {
            black_box(sonic_rs::to_vec(&same)?);
            Ok(())
        }),
    ])
}

fn read_plain<T: DeserializeOwned>(text: &[u8]) -> Result<(), Failure> {
    black_box(serde_json::from_slice::<T>(text)?);
    Ok(())
}

/// Decodes with a validator: parses the document into a value, validates it, and converts it into the struct.
fn validate<T: DeserializeOwned>(validator: &Validator, text: &[u8]) -> Result<(), Failure> {
    let value: Value = serde_json::from_slice(text)?;
    if !validator.is_valid(&value) {
        return Err("the message violates its schema".into());
    }
    black_box(serde_json::from_value::<T>(value)?);
    Ok(())
}

/// The validator of the schema of `message`.
fn validator(message: &Message, schemas: &Path) -> Result<Validator, Failure> {
    let bundle = bundle::bundle(schemas, message.schema, "Message")?;
    Ok(jsonschema::draft7::new(&bundle)?)
}
