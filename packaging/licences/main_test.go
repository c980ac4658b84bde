package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestListHasTheModules holds the list and go.mod together.
func TestListHasTheModules(t *testing.T) {
	modules, err := readModules("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../../" + listFile)
	if err != nil {
		t.Fatal(err)
	}
	var wanted []string
	for _, m := range modules {
		wanted = append(wanted, m.name+" "+m.version)
	}
	listed := listedModules(string(data))
	for _, m := range wanted {
		if !slices.Contains(listed, m) {
			t.Errorf("%s is in go.mod and not in %s: run make licences", m, listFile)
		}
	}
	for _, m := range listed {
		if !slices.Contains(wanted, m) {
			t.Errorf("%s is in %s and not in go.mod: run make licences", m, listFile)
		}
	}
}

// listedModules reads "NAME VERSION" of each row in a section of modules.
func listedModules(list string) []string {
	var modules []string
	inside := false
	for line := range strings.Lines(list) {
		if title, is := strings.CutPrefix(line, "## "); is {
			inside = strings.HasPrefix(title, "Modules")
		}
		cells := strings.Split(line, "|")
		if inside && len(cells) > 3 && strings.Contains(cells[1], ".") {
			modules = append(modules, strings.TrimSpace(cells[1])+" "+strings.TrimSpace(cells[2]))
		}
	}
	return modules
}

func TestCheckRefuses(t *testing.T) {
	all := systems()
	for name, c := range map[string]struct {
		part component
		good bool
	}{
		"permissive":         {component{systems: all, ids: []string{"MIT"}}, true},
		"file by file":       {component{systems: all, ids: []string{"MPL-2.0"}}, true},
		"copyleft":           {component{systems: all, ids: []string{"MIT", "LGPL-2.1"}}, false},
		"copyleft in a test": {component{ids: []string{"GPL-3.0"}}, true},
		"the compiler's":     {component{systems: all, ids: []string{"GPL-3.0-or-later WITH GCC-exception-3.1"}}, true},
		"unknown":            {component{systems: all}, false},
	} {
		if err := check([]*component{&c.part}); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEachTextOnce(t *testing.T) {
	parts := []*component{
		{name: "a", version: "v1", systems: systems(), texts: []string{clean([]byte("Free.  \r\nReally.\r\n"))}},
		{name: "b", version: "v2", systems: systems(), texts: []string{clean([]byte("\nFree.\nReally.\n"))}},
		{name: "c", version: "v3", texts: []string{"only in tests"}},
	}
	got := string(renderTexts(parts))
	if strings.Count(got, "Really.") != 1 || !strings.Contains(got, "a v1\nb v2\n") || strings.Contains(got, "only in tests") {
		t.Error(got)
	}
}
