package main

import (
	"context"

	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/raft"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

type (
	coordinatorService struct{ *answers }
	raftService        struct{ *answers }
	workerService      struct{ *answers }
)

func (s coordinatorService) Register(_ context.Context, r coordinator.RegisterRequest) (coordinator.RegisterReply, error) {
	return answer[coordinator.RegisterReply](s.answers, "register", &r)
}

func (s coordinatorService) GetWorker(_ context.Context, _ coordinator.GetWorkerParams, r coordinator.GetWorkerRequest) (coordinator.GetWorkerReply, error) {
	return answer[coordinator.GetWorkerReply](s.answers, "get_worker", &r)
}

func (s coordinatorService) ListWorkers(_ context.Context, r coordinator.ListWorkersRequest) (coordinator.ListWorkersReply, error) {
	return answer[coordinator.ListWorkersReply](s.answers, "list_workers", &r)
}

func (s coordinatorService) RemoveWorker(_ context.Context, _ coordinator.RemoveWorkerParams, r coordinator.RemoveWorkerRequest) (coordinator.RemoveWorkerReply, error) {
	return answer[coordinator.RemoveWorkerReply](s.answers, "remove_worker", &r)
}

func (s raftService) Append(_ context.Context, r raft.AppendRequest) (raft.AppendReply, error) {
	return answer[raft.AppendReply](s.answers, "append", &r)
}

func (s raftService) ReadIndex(_ context.Context, r raft.ReadIndexRequest) (raft.ReadIndexReply, error) {
	return answer[raft.ReadIndexReply](s.answers, "read_index", &r)
}

func (s raftService) Snapshot(_ context.Context, r raft.SnapshotRequest) (raft.SnapshotReply, error) {
	return answer[raft.SnapshotReply](s.answers, "snapshot", &r)
}

func (s raftService) Status(_ context.Context, r raft.StatusRequest) (raft.StatusReply, error) {
	return answer[raft.StatusReply](s.answers, "status", &r)
}

func (s raftService) Vote(_ context.Context, r raft.VoteRequest) (raft.VoteReply, error) {
	return answer[raft.VoteReply](s.answers, "vote", &r)
}

func (s raftService) Write(_ context.Context, r raft.WriteRequest) (raft.WriteReply, error) {
	return answer[raft.WriteReply](s.answers, "write", &r)
}

func (s workerService) Checkpoint(_ context.Context, r worker.CheckpointRequest) (worker.CheckpointReply, error) {
	return answer[worker.CheckpointReply](s.answers, "checkpoint", &r)
}

func (s workerService) Deploy(_ context.Context, r worker.DeployRequest) (worker.DeployReply, error) {
	return answer[worker.DeployReply](s.answers, "deploy", &r)
}

func (s workerService) Drain(_ context.Context, r worker.DrainRequest) (worker.DrainReply, error) {
	return answer[worker.DrainReply](s.answers, "drain", &r)
}

func (s workerService) Inject(_ context.Context, r worker.InjectRequest) (worker.InjectReply, error) {
	return answer[worker.InjectReply](s.answers, "inject", &r)
}

func (s workerService) InjectBatch(_ context.Context, r worker.InjectBatchRequest) (worker.InjectBatchReply, error) {
	return answer[worker.InjectBatchReply](s.answers, "inject_batch", &r)
}

func (s workerService) Restore(_ context.Context, r worker.RestoreRequest) (worker.RestoreReply, error) {
	return answer[worker.RestoreReply](s.answers, "restore", &r)
}

func (s workerService) Undeploy(_ context.Context, r worker.UndeployRequest) (worker.UndeployReply, error) {
	return answer[worker.UndeployReply](s.answers, "undeploy", &r)
}
