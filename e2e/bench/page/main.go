// Page makes docs/benchmarks.md and the README's table anew of docs/bench, without
// measuring anything: `go run ./e2e/bench/page`.
package main

import (
	"fmt"
	"os"

	"parley/e2e/bench/report"
)

func main() {
	if err := report.Page(); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}
