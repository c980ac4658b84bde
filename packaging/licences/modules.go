package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
	"golang.org/x/mod/modfile"
)

// component is something that somebody else made.
type component struct {
	name, version string
	module        bool
	systems       []string // that it is linked on
	ids           []string // of its licences, as SPDX has them
	texts         []string

	dir      string
	packages []string // folders of packages that are linked
}

func (c *component) linked() bool { return len(c.systems) > 0 }

func (c *component) where() string {
	switch len(c.systems) {
	case 0:
		return "-"
	case len(systems()):
		return "all"
	}
	return strings.Join(c.systems, ", ")
}

// systems are those that packages are made for.
func systems() []string { return []string{"linux", "windows", "darwin"} }

// readModules gives the modules that a go.mod requires.
func readModules(path string) ([]*component, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(path, data, nil)
	if err != nil {
		return nil, err
	}
	var modules []*component
	for _, r := range file.Require {
		modules = append(modules, &component{name: r.Mod.Path, version: r.Mod.Version, module: true})
	}
	slices.SortFunc(modules, func(a, b *component) int { return strings.Compare(a.name, b.name) })
	return modules, nil
}

// locate finds each module's folder, and fetches what is not there.
func locate(modules []*component) error {
	args := []string{"mod", "download", "-json"}
	byName := map[string]*component{}
	for _, m := range modules {
		args = append(args, m.name+"@"+m.version)
		byName[m.name] = m
	}
	out, err := output(nil, args...)
	if err != nil {
		return err
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct{ Path, Dir, Error string }
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if m.Error != "" {
			return fmt.Errorf("fetch %s: %s", m.Path, m.Error)
		}
		byName[m.Path].dir = m.Dir
	}
}

// link finds which modules and packages the program is linked with.
func link(modules []*component) error {
	byName := map[string]*component{}
	for _, m := range modules {
		byName[m.name] = m
	}
	for _, system := range systems() {
		// With the newest voice library and without a file reader, as make builds it.
		out, err := output([]string{"GOOS=" + system, "GOARCH=amd64", "CGO_ENABLED=1", "GOFLAGS=-tags=nolibopusfile,apm2"},
			"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{$.Dir}}{{end}}{{end}}", ".")
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(out)) {
			name, dir, found := strings.Cut(strings.TrimSpace(line), "\t")
			if !found {
				continue
			}
			m := byName[name]
			if m == nil {
				return fmt.Errorf("%s is linked and not in go.mod: run go mod tidy", name)
			}
			if !slices.Contains(m.systems, system) {
				m.systems = append(m.systems, system)
			}
			if !slices.Contains(m.packages, dir) {
				m.packages = append(m.packages, dir)
			}
		}
	}
	return nil
}

func output(env []string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, stderr.Bytes())
	}
	return out, nil
}

// components reads the licences of modules, and adds what is no module.
func components(modules []*component) ([]*component, error) {
	parts := modules
	for _, m := range modules {
		folders := []string{m.dir}
		for _, p := range m.packages {
			for ; strings.HasPrefix(p, m.dir) && !slices.Contains(folders, p); p = filepath.Dir(p) {
				folders = append(folders, p)
			}
		}
		slices.Sort(folders)
		for _, folder := range folders {
			if err := m.readFolder(folder); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range foreign() {
		part := &component{name: f.name, version: f.version, systems: f.systems}
		dir := "."
		if f.module == goRoot {
			out, err := output(nil, "env", "GOROOT")
			if err != nil {
				return nil, err
			}
			dir = strings.TrimSpace(string(out))
		} else if f.module != "" {
			i := slices.IndexFunc(modules, func(m *component) bool { return m.name == f.module })
			if i < 0 {
				return nil, fmt.Errorf("foreign.go names %s inside %s, which go.mod does not have", f.name, f.module)
			}
			dir, part.systems = modules[i].dir, modules[i].systems
		}
		for _, file := range f.files {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
			if err != nil {
				return nil, fmt.Errorf("the licence of %s: %w", f.name, err)
			}
			if f.from != "" {
				_, data, _ = bytes.Cut(data, []byte(f.from))
				data = append([]byte(f.from), data...)
			}
			part.texts = append(part.texts, clean(data))
		}
		part.ids = f.ids
		parts = append(parts, part)
	}
	return parts, nil
}

// readFolder takes the licences that lie in a folder.
func (c *component) readFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || !isLicence(e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		c.texts = append(c.texts, clean(data))
		for _, match := range licensecheck.Scan(data).Match {
			if id := match.ID; !match.IsURL && !slices.Contains(c.ids, id) {
				c.ids = append(c.ids, id)
			}
		}
	}
	slices.Sort(c.ids)
	return nil
}

// isLicence knows the names that licences and what belongs to them have.
func isLicence(name string) bool {
	name = strings.ToLower(name)
	if strings.HasSuffix(name, ".go") {
		return false
	}
	for _, prefix := range []string{"license", "licence", "copying", "notice", "patents", "unlicense"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// clean makes equal texts equal that differ in the ends of lines only.
func clean(data []byte) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		b.WriteString(strings.TrimRight(line, " \t\r\n\f"))
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n") + "\n"
}
