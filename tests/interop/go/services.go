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

func (s coordinatorService) Register(ctx context.Context, r coordinator.RegisterRequest) (coordinator.RegisterReply, error) {
	return answer[coordinator.RegisterReply](ctx, s.answers, "register", &r)
}

func (s coordinatorService) GetWorker(ctx context.Context, _ coordinator.GetWorkerParams, r coordinator.GetWorkerRequest) (coordinator.GetWorkerReply, error) {
	return answer[coordinator.GetWorkerReply](ctx, s.answers, "get_worker", &r)
}

func (s coordinatorService) ListWorkers(ctx context.Context, r coordinator.ListWorkersRequest) (coordinator.ListWorkersReply, error) {
	return answer[coordinator.ListWorkersReply](ctx, s.answers, "list_workers", &r)
}

func (s coordinatorService) RemoveWorker(ctx context.Context, _ coordinator.RemoveWorkerParams, r coordinator.RemoveWorkerRequest) (coordinator.RemoveWorkerReply, error) {
	return answer[coordinator.RemoveWorkerReply](ctx, s.answers, "remove_worker", &r)
}

func (s raftService) Append(ctx context.Context, r raft.AppendRequest) (raft.AppendReply, error) {
	return answer[raft.AppendReply](ctx, s.answers, "append", &r)
}

func (s raftService) ReadIndex(ctx context.Context, r raft.ReadIndexRequest) (raft.ReadIndexReply, error) {
	return answer[raft.ReadIndexReply](ctx, s.answers, "read_index", &r)
}

func (s raftService) Snapshot(ctx context.Context, r raft.SnapshotRequest) (raft.SnapshotReply, error) {
	return answer[raft.SnapshotReply](ctx, s.answers, "snapshot", &r)
}

func (s raftService) Status(ctx context.Context, r raft.StatusRequest) (raft.StatusReply, error) {
	return answer[raft.StatusReply](ctx, s.answers, "status", &r)
}

func (s raftService) Vote(ctx context.Context, r raft.VoteRequest) (raft.VoteReply, error) {
	return answer[raft.VoteReply](ctx, s.answers, "vote", &r)
}

func (s raftService) Write(ctx context.Context, r raft.WriteRequest) (raft.WriteReply, error) {
	return answer[raft.WriteReply](ctx, s.answers, "write", &r)
}

func (s workerService) Checkpoint(ctx context.Context, r worker.CheckpointRequest) (worker.CheckpointReply, error) {
	return answer[worker.CheckpointReply](ctx, s.answers, "checkpoint", &r)
}

func (s workerService) Deploy(ctx context.Context, r worker.DeployRequest) (worker.DeployReply, error) {
	return answer[worker.DeployReply](ctx, s.answers, "deploy", &r)
}

func (s workerService) Drain(ctx context.Context, r worker.DrainRequest) (worker.DrainReply, error) {
	return answer[worker.DrainReply](ctx, s.answers, "drain", &r)
}

func (s workerService) Inject(ctx context.Context, r worker.InjectRequest) (worker.InjectReply, error) {
	return answer[worker.InjectReply](ctx, s.answers, "inject", &r)
}

func (s workerService) InjectBatch(ctx context.Context, r worker.InjectBatchRequest) (worker.InjectBatchReply, error) {
	return answer[worker.InjectBatchReply](ctx, s.answers, "inject_batch", &r)
}

func (s workerService) Restore(ctx context.Context, r worker.RestoreRequest) (worker.RestoreReply, error) {
	return answer[worker.RestoreReply](ctx, s.answers, "restore", &r)
}

func (s workerService) Undeploy(ctx context.Context, r worker.UndeployRequest) (worker.UndeployReply, error) {
	return answer[worker.UndeployReply](ctx, s.answers, "undeploy", &r)
}
