// Command app measures the program as it is found every day: how long it takes to
// be there, and what it takes of the machine while nobody does anything.
package main

import "parley/e2e/bench/report"

func main() {
	report.Run("app", []report.Part{{Name: "start", Measure: measureStart}, {Name: "rest", Measure: measureRest}})
}
