// The command bench compares the SDK with the usual choice in Go.
//
//	bench URL MESSAGES [--quick]
//
// MESSAGES is a folder with a JSON document per message. The command prints lines `CASE value unit`. A value is the median
// over rounds in which all contenders take turns; a ratio is the median of the ratios of each round. `--quick` runs short
// rounds, whose times mean nothing.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: bench URL MESSAGES [--quick]")
		os.Exit(2)
	}
	quick := len(os.Args) > 3 && os.Args[3] == "--quick"
	if err := run(os.Args[1], os.Args[2], quick); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(url, messages string, quick bool) error {
	if err := decodeAll(messages, quick); err != nil {
		return err
	}
	return callAll(url, quick)
}

func report(name string, value float64, unit string) {
	fmt.Printf("%s %.6g %s\n", name, value, unit)
}
