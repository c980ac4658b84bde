package report

import (
	"fmt"
	"os"
	"strings"
)

// Between these lines of README.md is the table of the chosen figures.
const (
	tableBegins = "<!-- figures: made by the benchmarks -->\n"
	tableEnds   = "<!-- end of figures -->\n"
)

// chosen are the figures that the README shows, by benchmark and name, and what
// it calls them. All others are in docs/benchmarks.md.
func chosen() [][3]string {
	return [][3]string{
		{"audio", "mouth to ear, processing on", "mouth to ear, with echo cancellation"},
		{"audio", "speech at 10 % loss, 30ms jitter", "speech at 10 % loss and 30 ms jitter"},
		{"audio", "echo return loss enhancement", "echo taken out"},
		{"audio", "sound of a call of 10, processed", "sound of a call of ten"},
		{"audio", "interruptions in 10m0s, one core busy, while the machine runs", "interruptions of sound in 10 min, one core busy"},
		{"video", "receiving 4 x 640x360, CPU", "receiving four people, 640x360"},
		{"video", "receiving 4 x 640x360, memory (PSS)", "the same, memory"},
		{"video", "sending 720p in three layers, CPU", "sending 720p in three layers"},
		{"video", "first picture after Join, median", "first picture after Join"},
		{"video", "frozen at 5 % loss", "frozen at 5 % loss"},
		{"video", "glass to glass, median", "from a camera to another's screen, 720p"},
		{"app", "start to window, median", "start of the app, to its first picture"},
		{"app", "at rest, memory (PSS)", "the app's memory at rest"},
		{"app", "at rest, CPU", "the app's CPU at rest"},
		{"server", "server, start to ready, median", "room server, start to ready"},
		{"server", "server, memory when idle (PSS)", "the same, memory when idle"},
		{"chat", "text, send to shown, median", "text, from send to shown"},
		{"chat", "search, median", "search in a million messages"},
		{"list", "open a room of 1000000, newest page on the screen, first time", "open a room of a million messages"},
		{"list", "scroll step with 20 pictures and 20 voices in view, 99 of 100", "scroll step, 99 of 100"},
	}
}

// table renders the chosen ones of the results, by benchmark.
func table(results map[string][]Result) string {
	var b strings.Builder
	b.WriteString("| what | Parley | Chromium | goal | holds |\n| --- | --- | --- | --- | --- |\n")
	for _, c := range chosen() {
		for _, r := range results[c[0]] {
			if r.Name != c[1] {
				continue
			}
			peer, holds := "", "yes"
			if r.Peer != nil {
				peer = fmt.Sprintf("%.3g %s", *r.Peer, r.Unit)
				if *r.Peer >= 1000 {
					peer = fmt.Sprintf("%.0f %s", *r.Peer, r.Unit)
				}
			}
			if !r.Holds {
				holds = "**no**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c[2], strings.TrimSpace(fmt.Sprintf("%g %s", r.Ours, r.Unit)), strings.TrimSpace(peer), strings.TrimSpace(r.Goal), holds)
		}
	}
	return b.String()
}

// fillTable puts the table between its marks in a text; without them the text
// stays as it is.
func fillTable(text, table string) string {
	before, rest, found := strings.Cut(text, tableBegins)
	if !found {
		return text
	}
	_, after, found := strings.Cut(rest, tableEnds)
	if !found {
		return text
	}
	return before + tableBegins + table + tableEnds + after
}

func readme(results map[string][]Result) error {
	const name = "README.md"
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(fillTable(string(data), table(results))), 0o644)
}
