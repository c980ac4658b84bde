// Package usage tells what a program takes of a machine.
package usage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// Usage is what a program and all that it started took.
type Usage struct {
	CPU float64 // percent of a core, without drawing
	GL  float64 // percent of a core, of threads that draw in place of a GPU
	PSS float64 // MiB: memory that is shared is split among those who share it
	Lib float64 // MiB of that which the libraries take that draw in place of a GPU
}

// Observe watches a program for a while. The root itself is left out where it only
// starts the others.
func Observe(ctx context.Context, pid int, leaveRoot bool, for_ time.Duration) (Usage, error) {
	before, _, err := spent(pid, leaveRoot)
	if err != nil {
		return Usage{}, err
	}
	began := time.Now()
	select {
	case <-ctx.Done():
		return Usage{}, ctx.Err()
	case <-time.After(for_):
	}
	after, pids, err := spent(pid, leaveRoot)
	if err != nil {
		return Usage{}, err
	}
	took := time.Since(began).Seconds()
	u := Usage{CPU: 100 * (after.CPU - before.CPU) / took, GL: 100 * (after.GL - before.GL) / took}
	for _, p := range pids {
		all, lib := PSS(p)
		u.PSS += all
		u.Lib += lib
	}
	return u, nil
}

// spent is in seconds since the programs began.
func spent(pid int, leaveRoot bool) (u Usage, pids []int32, err error) {
	root, err := process.NewProcess(int32(pid))
	if err != nil {
		return u, nil, err
	}
	all := []*process.Process{root}
	for i := 0; i < len(all); i++ {
		children, _ := all[i].Children() // one that has none is an error
		all = append(all, children...)
	}
	if leaveRoot {
		all = all[1:]
	}
	for _, p := range all {
		total, gl := threads(p.Pid)
		u.CPU += total - gl
		u.GL += gl
		pids = append(pids, p.Pid)
	}
	return u, pids, nil
}

// ticks are the kernel's, of which a second has a hundred (sysconf _SC_CLK_TCK).
const ticks = 100

// threads sums up what a program's threads took, in seconds, and of that what
// those of Mesa's software renderer took.
func threads(pid int32) (total, gl float64) {
	stats, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid)) // only a bad pattern is an error
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it just ended
		}
		open, end := strings.IndexByte(string(data), '('), strings.LastIndexByte(string(data), ')')
		if open < 0 || end < open {
			continue
		}
		fields := strings.Fields(string(data[end+1:]))
		if len(fields) < 13 {
			continue
		}
		user, _ := strconv.ParseFloat(fields[11], 64)
		system, _ := strconv.ParseFloat(fields[12], 64)
		total += (user + system) / ticks
		if strings.HasPrefix(string(data[open+1:end]), "llvmpipe") {
			gl += (user + system) / ticks
		}
	}
	return total, gl
}

// PSS is in MiB; lib is what Mesa's software renderer has of it as libraries.
func PSS(pid int32) (all, lib float64) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return 0, 0
	}
	software := false
	for _, line := range strings.Split(string(data), "\n") {
		name, rest, ok := strings.Cut(line, ":")
		switch {
		case ok && name == "Pss":
			kib, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			all += kib / 1024
			if software {
				lib += kib / 1024
			}
		case strings.Contains(name, "-") && strings.Contains(name, " "): // the next mapping
			software = strings.Contains(line, "libLLVM") || strings.Contains(line, "swrast_dri")
		}
	}
	return all, lib
}
