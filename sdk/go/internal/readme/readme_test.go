// Package readme compiles and runs the programs of README.md in an empty module.
package readme

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

const module = `module example.com/app

go 1.26

require github.com/varpulis/varpulis-sdk/sdk/go v0.0.0

replace github.com/varpulis/varpulis-sdk/sdk/go => `

// programs writes the programs of the README into a new module, a folder for each, and compiles them.
func programs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	write(t, filepath.Join(directory, "go.mod"), module+root+"\n")
	blocks := regexp.MustCompile("(?ms)^```go (\\S+)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	for _, block := range blocks {
		write(t, filepath.Join(directory, block[1]), block[2])
	}
	if len(blocks) < 4 {
		t.Fatalf("the README has %d programs", len(blocks))
	}
	run(t, directory, "go", "mod", "tidy")
	run(t, directory, "go", "build", "-o", "bin/", "./client", "./server", "./subscriber", "./node")
	return directory
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, directory string, command ...string) {
	t.Helper()
	process := exec.CommandContext(t.Context(), command[0], command[1:]...)
	process.Dir = directory
	if output, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, output)
	}
}

// program is a running program of the README.
type program struct {
	process *exec.Cmd
	lines   *bufio.Scanner
}

// start starts a program, whose log lines go to the scanner.
func start(t *testing.T, path, url string) *program {
	t.Helper()
	process := exec.CommandContext(t.Context(), path)
	process.Env = append(os.Environ(), "NATS_URL="+url)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stderr = writer
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_, _ = io.Copy(io.Discard, reader)
		_ = reader.Close()
	})
	return &program{process: process, lines: bufio.NewScanner(reader)}
}

// expect reads up to a line with this text.
func (p *program) expect(t *testing.T, text string) {
	t.Helper()
	var seen []string
	for p.lines.Scan() {
		seen = append(seen, p.lines.Text())
		if strings.Contains(p.lines.Text(), text) {
			return
		}
	}
	t.Fatalf("%s printed no line with %q:\n%s", p.process.Path, text, strings.Join(seen, "\n"))
}

// engine deploys every pipeline.
type engine struct{ worker.Service }

func (engine) Deploy(_ context.Context, r worker.DeployRequest) (worker.DeployReply, error) {
	return worker.DeployReply{ID: "p-1", Name: r.Name, Status: types.PipelineStatusRunning}, nil
}

func TestReadmeProgramsCompileAndRun(t *testing.T) {
	directory := programs(t)
	run(t, directory, "go", "test", "./test")
	server := natsserver.Start(t, "")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := natsgen.Connect(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	if _, err := worker.Serve(ctx, conn, "w0", engine{}); err != nil {
		t.Fatal(err)
	}
	start(t, filepath.Join(directory, "bin/client"), server.URL).expect(t, "pipeline p-1 is running")

	subscriber := start(t, filepath.Join(directory, "bin/subscriber"), server.URL)
	subscriber.expect(t, "ready")
	coordinators := coordinator.NewClient(conn)
	beat := coordinator.Heartbeat{EventsProcessed: 7, PipelinesRunning: 1}
	if err := coordinators.Heartbeat(ctx, "w0", beat); err != nil {
		t.Fatal(err)
	}
	subscriber.expect(t, "w0 has processed 7")

	service := start(t, filepath.Join(directory, "bin/server"), server.URL)
	service.expect(t, "ready")
	request := coordinator.RegisterRequest{WorkerID: "w0", APIKey: "secret"}
	if reply, err := coordinators.Register(ctx, request); err != nil || reply.WorkerID != "w0" {
		t.Errorf("register: %+v, %v", reply, err)
	}
	request.APIKey = "wrong"
	if _, err := coordinators.Register(ctx, request); !errors.Is(err, fault.InvalidAPIKey) {
		t.Errorf("register with a wrong key: %v", err)
	}
	if err := service.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := service.process.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}
