// Package natsserver runs a nats-server for tests.
package natsserver

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// startLimit is the time limit for the start of a server.
const startLimit = 20 * time.Second

// nextPort lies below the ephemeral ports. A client that reconnects to an ephemeral port could connect to itself.
var nextPort atomic.Int32

func init() { nextPort.Store(int32(18_000 + os.Getpid()%12_000)) }

// Server is a nats-server on 127.0.0.1.
type Server struct {
	// URL is the address.
	URL string

	t         testing.TB
	port      string
	directory string
	command   *exec.Cmd
}

// Start starts a server with a configuration, which may be empty. The end of the test kills it. The variable NATS_SERVER
// names the binary; without it, the binary comes from the search path.
func Start(t testing.TB, config string) *Server {
	t.Helper()
	s := &Server{t: t, directory: t.TempDir()}
	s.configure(config)
	for range 64 {
		s.port = strconv.Itoa(int(nextPort.Add(1)))
		s.URL = "nats://127.0.0.1:" + s.port
		if s.launch() {
			t.Cleanup(s.Kill)
			return s
		}
	}
	t.Fatal("no port is free")
	return nil
}

func (s *Server) configure(config string) {
	if err := os.WriteFile(filepath.Join(s.directory, "nats.conf"), []byte(config), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) launch() bool {
	if c, err := net.Dial("tcp", "127.0.0.1:"+s.port); err == nil {
		_ = c.Close()
		return false
	}
	binary := os.Getenv("NATS_SERVER")
	if binary == "" {
		binary = "nats-server"
	}
	s.command = exec.Command(binary, "-a", "127.0.0.1", "-p", s.port, "-c", filepath.Join(s.directory, "nats.conf"),
		"-l", filepath.Join(s.directory, "log"))
	if err := s.command.Start(); err != nil {
		s.t.Fatalf("nats-server does not start: %v; install it, or set NATS_SERVER to its path", err)
	}
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if c, err := net.Dial("tcp", "127.0.0.1:"+s.port); err == nil {
			_ = c.Close()
			return true
		}
		if s.command.ProcessState != nil {
			return false
		}
	}
	s.t.Fatalf("nats-server is not ready: %s", s.log())
	return false
}

func (s *Server) log() []byte {
	log, err := os.ReadFile(filepath.Join(s.directory, "log"))
	if err != nil {
		return nil
	}
	return log
}

// Kill ends the process like a crash.
func (s *Server) Kill() {
	if s.command != nil {
		// The process may have ended already.
		_ = s.command.Process.Kill()
		_ = s.command.Wait()
		s.command = nil
	}
}

// Restart starts the server again on the same port.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if !s.launch() {
		s.t.Fatal("the port is in use")
	}
}

// Pause stops the process but keeps its connections. It returns when the process has stopped.
func (s *Server) Pause() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(s.command.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		s.t.Fatalf("nats-server has not stopped: %v", err)
	}
}

// Resume continues the process.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

// Reload replaces the configuration of the running server.
func (s *Server) Reload(config string) {
	s.t.Helper()
	message := []byte("Reloaded server configuration")
	before := bytes.Count(s.log(), message)
	s.configure(config)
	s.signal(syscall.SIGHUP)
	for end := time.Now().Add(startLimit); bytes.Count(s.log(), message) == before; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("nats-server does not reload: %s", s.log())
		}
	}
}

func (s *Server) signal(signal syscall.Signal) {
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}
