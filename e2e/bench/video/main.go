// Command video measures the pictures of a call between Parleys, and beside them
// those of Chromium with livekit-client, in one run.
package main

import "parley/e2e/bench/report"

func main() {
	report.Run("video", []report.Part{
		{Name: "receiving", Measure: measureReceiving}, {Name: "sending", Measure: measureSending}, {Name: "first", Measure: measureFirst},
		{Name: "frame", Measure: measureFrame}, {Name: "glass", Measure: measureGlass},
		{Name: "frozen", Measure: measureFrozen}, {Name: "frozen-vp9", Measure: measureFrozenVP9},
		{Name: "visits", Measure: measureVisits},
	})
}
