// Command interop is the peer over the Go SDK: `serve URL ROLE ID` and `call URL`.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sync"
)

func main() {
	ctx := context.Background()
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) == 4 && arguments[0] == "serve":
		err = serve(ctx, arguments[1], arguments[2], arguments[3])
	case len(arguments) == 2 && arguments[0] == "call":
		err = callAll(ctx, arguments[1])
	default:
		err = fmt.Errorf("usage: interop serve URL ROLE ID, or interop call URL")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// object is a JSON object.
type object = map[string]any

func newInput() *bufio.Scanner {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 64<<20)
	return input
}

var output sync.Mutex

// printLine prints a line for the runner.
func printLine(line object) {
	text, err := json.Marshal(line)
	if err != nil {
		log.Fatal(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(text))
}
