// Licences lists what Parley is made of besides its own code, and under which
// licences: every module of go.mod, and the C libraries, fonts and pictures that no
// module names. `make licences` writes the list; a test fails where go.mod and the
// list disagree.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
)

// listFile is the list, from the top of the repository.
const listFile = "THIRD_PARTY_LICENCES.md"

func main() {
	texts := flag.String("texts", "", "write the licences' own texts to this file, and not the list")
	flag.Parse()
	if err := run(*texts); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(texts string) error {
	modules, err := readModules("go.mod")
	if err != nil {
		return err
	}
	if err := locate(modules); err != nil {
		return err
	}
	if err := link(modules); err != nil {
		return err
	}
	parts, err := components(modules)
	if err != nil {
		return err
	}
	if err := check(parts); err != nil {
		return err
	}
	if texts != "" {
		return os.WriteFile(texts, renderTexts(parts), 0o644)
	}
	return os.WriteFile(listFile, renderList(parts), 0o644)
}

// check refuses what may not be in a program under the Apache licence that is
// linked into one file.
func check(parts []*component) error {
	var bad []string
	for _, p := range parts {
		if len(p.ids) == 0 {
			bad = append(bad, p.name+": no licence is known")
		}
		for _, id := range p.ids {
			// The compiler's own libraries say that they bind nobody.
			if p.linked() && strings.Contains(id, "GPL") && !strings.HasSuffix(id, " WITH GCC-exception-3.1") {
				bad = append(bad, p.name+": "+id)
			}
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("these need a look, and a line in foreign.go or another library:\n  %s", strings.Join(bad, "\n  "))
	}
	return nil
}

func renderList(parts []*component) []byte {
	var b bytes.Buffer
	b.WriteString("# Third-party licences\n\nMade by `make licences`; a test fails where it and `go.mod` disagree. " +
		"The packages carry the texts themselves.\n")
	section := func(title, intro string, of func(*component) bool) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| what | version | licence | where |\n| --- | --- | --- | --- |\n", title, intro)
		for _, p := range parts {
			if of(p) {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", p.name, p.version, strings.Join(p.ids, ", "), p.where())
			}
		}
	}
	section("Modules in the program", "Linked into the program on the systems named.",
		func(p *component) bool { return p.module && p.linked() })
	section("Libraries, fonts and pictures", "C libraries linked with it, and what lies inside modules or this repository under a licence of its own.",
		func(p *component) bool { return !p.module })
	section("Modules for tests and tools", "In `go.mod`, and in no program that is handed out.",
		func(p *component) bool { return p.module && !p.linked() })
	return b.Bytes()
}

// renderTexts has each text once, after the names of all that it belongs to.
func renderTexts(parts []*component) []byte {
	var order []string
	names := map[string][]string{}
	for _, p := range parts {
		if !p.linked() {
			continue
		}
		for _, text := range p.texts {
			if names[text] == nil {
				order = append(order, text)
			}
			names[text] = append(names[text], strings.TrimSpace(p.name+" "+p.version))
		}
	}
	line := strings.Repeat("=", 78)
	var b bytes.Buffer
	b.WriteString("Parley is made with the works named here, each under the licence that follows it.\n")
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s\n%s\n%s\n\n%s\n", line, strings.Join(names[text], "\n"), line, strings.TrimSpace(text))
	}
	return b.Bytes()
}
