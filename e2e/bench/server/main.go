// Command server measures the room server: how soon it is ready, how much memory
// it takes, how many it lets in, how many messages it stores beside the chat
// engine alone, and what pictures and sound cost beside the media engine alone.
package main

import (
	"fmt"
	"os"

	"parley/e2e/bench/report"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == engineArgument {
		if err := runEngine(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	report.Run("server", []report.Part{
		{Name: "start", Measure: measureStart}, {Name: "joins", Measure: measureJoins}, {Name: "chat", Measure: measureChat}, {Name: "rooms", Measure: measureRooms},
		{Name: "media", Measure: measureMedia},
	})
}
