// Package report writes what a benchmark measured to docs/bench, and makes
// docs/benchmarks.md of all that is there.
package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Result is one figure. Peer is another program's or method's, measured in the
// same run, where there is one; Ratio is Ours to Peer.
type Result struct {
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`
	Ours    float64  `json:"ours"`
	Peer    *float64 `json:"peer"`
	Ratio   *float64 `json:"ratio"`
	Goal    string   `json:"goal"`
	Holds   bool     `json:"holds"`
	Command string   `json:"command"`
	Machine string   `json:"machine"`
}

// AtMost is a figure that has to stay under a limit.
func AtMost(name, unit string, ours, limit float64) Result {
	return Result{Name: name, Unit: unit, Ours: round(ours), Goal: fmt.Sprintf("at most %g %s", limit, unit), Holds: ours <= limit}
}

// Against is a figure that may be at most a part of what another program's is.
func Against(name, unit string, ours, peer, most float64) Result {
	peer = round(peer)
	ratio := round(ours / max(peer, 1e-9))
	return Result{
		Name: name, Unit: unit, Ours: round(ours), Peer: &peer, Ratio: &ratio,
		Goal: fmt.Sprintf("at most %g x", most), Holds: ratio <= most,
	}
}

// AtLeast is a figure that has to reach a limit; peer is another program's, NaN
// for none.
func AtLeast(name, unit string, ours, peer, limit float64) Result {
	r := Result{Name: name, Unit: unit, Ours: round(ours), Goal: fmt.Sprintf("at least %g %s", limit, unit), Holds: ours >= limit}
	if !math.IsNaN(peer) {
		p, ratio := round(peer), round(ours/peer)
		r.Peer, r.Ratio = &p, &ratio
	}
	return r
}

// NotBelow is a figure that may not be below another program's, by more than
// what differs from run to run.
func NotBelow(name, unit string, ours, peer float64) Result {
	const spread = 0.02
	o, p := math.Round(ours*1000)/1000, math.Round(peer*1000)/1000
	ratio := round(ours / max(peer, 1e-9))
	return Result{Name: name, Unit: unit, Ours: o, Peer: &p, Ratio: &ratio, Goal: fmt.Sprintf("at least theirs - %g", spread), Holds: ours >= peer-spread}
}

// Beside is a figure without a goal, beside another program's.
func Beside(name, unit string, ours, peer float64) Result {
	r := Figure(name, unit, ours)
	peer = round(peer)
	r.Peer = &peer
	if peer > 0 {
		ratio := round(ours / peer)
		r.Ratio = &ratio
	}
	return r
}

// Figure is one without a goal.
func Figure(name, unit string, ours float64) Result {
	return Result{Name: name, Unit: unit, Ours: round(ours), Holds: true}
}

func round(x float64) float64 {
	if x >= 100 {
		return float64(int64(x + 0.5))
	}
	return float64(int64(x*100+0.5)) / 100
}

// folder is where results are, below the current one.
const folder = "docs/bench"

// Update writes some results of a benchmark over those of the same names; the
// others stay as they were measured before.
func Update(name, command string, results []Result) error {
	data, err := os.ReadFile(filepath.Join(folder, name+".json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var all []Result
	if err == nil {
		if err := json.Unmarshal(data, &all); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, r := range results {
		r.Command, r.Machine = command, machine()
		if i := slices.IndexFunc(all, func(old Result) bool { return old.Name == r.Name }); i >= 0 {
			all[i] = r
			continue
		}
		all = append(all, r)
	}
	return put(name, all)
}

// Write writes docs/bench/NAME.json below the current folder, and the page.
func Write(name, command string, results []Result) error {
	for i := range results {
		results[i].Command, results[i].Machine = command, machine()
	}
	return put(name, results)
}

func put(name string, results []Result) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	data, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, name+".json"), append(data, '\n'), 0o644); err != nil {
		return err
	}
	return Page()
}

func machine() string {
	model := ""
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				model = ", " + strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s/%s, %d cores%s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model)
}

// Page makes docs/benchmarks.md, and the README's table, of all that is there.
func Page() error {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	slices.SortFunc(files, cmp.Compare)
	var b strings.Builder
	all := map[string][]Result{}
	b.WriteString("# Benchmarks\n\nMade of `docs/bench` by the benchmarks themselves.\n")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var results []Result
		if err := json.Unmarshal(data, &results); err != nil || len(results) == 0 {
			return fmt.Errorf("%s: %w", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		all[name] = results
		fmt.Fprintf(&b, "\n## %s\n\n`%s` on %s\n\n| what | measured | compared | goal | holds |\n| --- | --- | --- | --- | --- |\n",
			name, results[0].Command, results[0].Machine)
		for _, r := range results {
			compared, holds := "", "yes"
			if r.Peer != nil {
				compared = fmt.Sprintf("%g %s", *r.Peer, r.Unit)
			}
			if r.Peer != nil && r.Ratio != nil {
				compared += fmt.Sprintf(", ratio %g", *r.Ratio)
			}
			if r.Goal == "" {
				holds = ""
			} else if !r.Holds {
				holds = "**no**"
			}
			fmt.Fprintf(&b, "| %s | %g %s | %s | %s | %s |\n", r.Name, r.Ours, r.Unit, compared, r.Goal, holds)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "..", "benchmarks.md"), []byte(b.String()), 0o644); err != nil {
		return err
	}
	return readme(all)
}
