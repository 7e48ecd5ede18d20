// Package readme compiles the programs of README.md in an empty module. tests/install runs them.
package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = `module example.com/app

go 1.26

require github.com/varpulis/varpulis-sdk/sdk/go v0.0.0

replace github.com/varpulis/varpulis-sdk/sdk/go => `

func TestReadmeProgramsCompile(t *testing.T) {
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
	run(t, directory, "go", "vet", "./...")
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
