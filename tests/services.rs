//! The services of all roles, for test doubles that answer all requests in the same way.

/// Implements the services of all roles for a type. The expression answers a message of any operation.
macro_rules! implement_services {
    ($target:ty, |$service:ident, $context:pat_param, $message:ident| $answer:expr) => {
        $crate::services::implement_services! {
            $target, $service, $context, $message, $answer;
            coordinator::CoordinatorService {
                get_worker(GetWorkerRequest, GetWorkerParams);
                list_workers(ListWorkersRequest);
                register(RegisterRequest);
                remove_worker(RemoveWorkerRequest, RemoveWorkerParams);
            }
            raft::RaftService {
                append(AppendRequest);
                snapshot(SnapshotRequest);
                vote(VoteRequest);
                read_index(ReadIndexRequest);
                status(StatusRequest);
                write(WriteRequest);
            }
            worker::WorkerService {
                checkpoint(CheckpointRequest);
                deploy(DeployRequest);
                drain(DrainRequest);
                inject(InjectRequest);
                inject_batch(InjectBatchRequest);
                restore(RestoreRequest);
                undeploy(UndeployRequest);
            }
        }
    };
    ($target:ty, $service:ident, $context:pat_param, $message:ident, $answer:expr;
     $($role:ident::$trait:ident { $($method:ident($request:ident $(, $params:ident)?);)+ })+) => {$(
        impl varpulis_sdk::$role::$trait for $target {$(
            async fn $method(
                &self,
                $context: &varpulis_sdk::Context,
                $(_: varpulis_sdk::$role::$params,)?
                $message: varpulis_sdk::$role::$request,
            ) -> Result<
                <varpulis_sdk::$role::$request as natsgen_runtime::Request>::Reply,
                <varpulis_sdk::$role::$request as natsgen_runtime::Request>::Fault,
            > {
                let $service = self;
                $answer
            }
        )+}
    )+};
}

pub(crate) use implement_services;
