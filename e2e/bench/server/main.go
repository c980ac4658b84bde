// Command server measures the room server: how soon it is ready, how much memory
// it takes, how many it lets in, and how many messages it stores, these beside the
// chat engine alone.
package main

import "parley/e2e/bench/report"

func main() {
	report.Run("server", []report.Part{
		{Name: "start", Measure: measureStart}, {Name: "joins", Measure: measureJoins}, {Name: "chat", Measure: measureChat}, {Name: "rooms", Measure: measureRooms},
	})
}
