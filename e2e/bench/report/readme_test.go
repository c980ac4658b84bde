package report

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	peer := 1205.8000000007
	got := table(map[string][]Result{
		"video": {
			{Name: "first picture after Join, median", Unit: "ms", Ours: 248, Peer: &peer, Goal: "at most 500 ms", Holds: true},
			{Name: "not chosen", Unit: "ms", Ours: 1},
		},
		"audio": {{Name: "interruptions in 10m0s, one core busy, while the machine runs", Ours: 24, Goal: "at most 0 "}},
	})
	want := "| what | Parley | Chromium | goal | holds |\n| --- | --- | --- | --- | --- |\n" +
		"| interruptions of sound in 10 min, one core busy | 24 |  | at most 0 | **no** |\n" +
		"| first picture after Join | 248 ms | 1206 ms | at most 500 ms | yes |\n"
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestFillTable(t *testing.T) {
	text := "before\n" + tableBegins + "old\n" + tableEnds + "after\n"
	if got := fillTable(text, "new\n"); got != strings.Replace(text, "old", "new", 1) {
		t.Error(got)
	}
	for _, text := range []string{"no marks\n", tableBegins + "no end\n"} {
		if got := fillTable(text, "new\n"); got != text {
			t.Error(got)
		}
	}
}
