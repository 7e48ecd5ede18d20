//! Workers that exist in the registry only.

use varpulis_sdk::types::{RegisterWorker, WorkerCapacity, WorkerId};

use crate::Failure;

/// The id of worker `number`.
///
/// # Errors
/// None in practice.
pub(super) fn id(number: u64) -> Result<WorkerId, Failure> {
    Ok(WorkerId::try_from(format!("worker-{number:06}"))?)
}

/// What worker `number` registers with.
///
/// # Errors
/// None in practice.
pub(super) fn registration(number: u64) -> Result<RegisterWorker, Failure> {
    Ok(RegisterWorker {
        id: id(number)?,
        address: format!("http://10.1.2.3:{}", 9_000 + number % 1_000).try_into()?,
        api_key: "secret".to_owned().try_into()?,
        capacity: WorkerCapacity {
            cpu_cores: 8,
            pipelines_running: 0,
            max_pipelines: 100,
        },
        instance: Some(format!("{number:016x}").try_into()?),
    })
}
