package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// File is the configuration file of `parley serve`; docs/server.yaml explains
// its keys. A flag that is given wins over its key.
type File struct {
	Listen         string        `yaml:"listen"`
	Data           string        `yaml:"data"`
	Open           bool          `yaml:"open"`
	UDPPort        *int          `yaml:"udp_port"`
	TCPPort        *int          `yaml:"tcp_port"`
	PublicIP       string        `yaml:"public_ip"`
	TLS            TLS           `yaml:"tls"`
	TURN           TURN          `yaml:"turn"`
	Metrics        string        `yaml:"metrics"`
	Drain          time.Duration `yaml:"drain"`
	TrustedProxies []string      `yaml:"trusted_proxies"`
	Log            Log           `yaml:"log"`
	Limits         Limits        `yaml:"limits"`
	// PassLife is how long chat and attachments are open by one join.
	PassLife  time.Duration `yaml:"pass_life"`
	Retention Retention     `yaml:"retention"`
	// GetParley is where people get the program.
	GetParley string `yaml:"get_parley"`
	// Keys, Redis and NATS make this server one of several: see docs/cluster.md.
	Keys  string `yaml:"keys"`
	Redis Redis  `yaml:"redis"`
	NATS  NATS   `yaml:"nats"`
}

// passLeast leaves time to renew.
const passLeast = 5 * time.Second

// TLS of the public port: by files, or by a certificate authority that speaks
// ACME. Without either the port speaks plain HTTP.
type TLS struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	ACME ACME   `yaml:"acme"`
}

// ACME gets certificates for the domains by itself, and renews them.
type ACME struct {
	Domains   []string `yaml:"domains"`
	Email     string   `yaml:"email"`
	Directory string   `yaml:"directory"` // empty: Let's Encrypt
	HTTP      string   `yaml:"http"`      // address for the authority's HTTP question; empty: none
}

func (t TLS) files() bool   { return t.Cert != "" || t.Key != "" }
func (t TLS) acme() bool    { return len(t.ACME.Domains) > 0 }
func (t TLS) enabled() bool { return t.files() || t.acme() }

// TURN carries sound and picture through the public port, for networks that
// let nothing but HTTPS out. It needs TLS.
type TURN struct {
	Domain string `yaml:"domain"`
	// PublicPort is by which people reach the public port at the domain; 0 is 443.
	PublicPort int `yaml:"public_port"`
}

// Log says how the server's log is written.
type Log struct {
	Format string     `yaml:"format"` // text or json
	Level  slog.Level `yaml:"level"`
}

// MetricsPublic serves the metrics on the public port.
const MetricsPublic = "public"

// Logger writes to w as the file says.
func (l Log) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// Apply puts the file's keys into cfg, but for those that given says a flag
// was given for.
func (f File) Apply(cfg *Config, given func(flag string) bool) {
	if f.Listen != "" && !given("listen") {
		cfg.Listen = f.Listen
	}
	if !given("open") {
		cfg.Open = cfg.Open || f.Open
	}
	if f.UDPPort != nil && !given("udp-port") {
		cfg.UDPPort = *f.UDPPort
	}
	if f.TCPPort != nil && !given("tcp-port") {
		cfg.TCPPort = *f.TCPPort
	}
	cfg.PassLife = f.PassLife
	cfg.GetParley, cfg.Redis, cfg.NATS, cfg.Retention = f.GetParley, f.Redis, f.NATS, f.Retention
	cfg.PublicIP, cfg.TLS, cfg.TURN = f.PublicIP, f.TLS, f.TURN
	cfg.Metrics, cfg.Drain, cfg.TrustedProxies, cfg.Limits = f.Metrics, f.Drain, f.TrustedProxies, f.Limits
}

// configMax bounds a configuration file before it is parsed.
const configMax = 1 << 20

// LoadFile reads a configuration file. Unknown keys are errors.
func LoadFile(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, configMax+1))
	if err != nil {
		return File{}, fmt.Errorf("read the configuration: %w", err)
	}
	return parseFile(data)
}

func parseFile(data []byte) (File, error) {
	if len(data) > configMax {
		return File{}, fmt.Errorf("read the configuration: over %d bytes", configMax)
	}
	var file File
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return File{}, fmt.Errorf("read the configuration: %w", byKey(data, err))
	}
	var problems []error
	for key, port := range map[string]*int{"udp_port": file.UDPPort, "tcp_port": file.TCPPort} {
		if port != nil && (*port < 0 || *port > 65535) {
			problems = append(problems, keyError(key, "%d is no port", *port))
		}
	}
	if file.PassLife != 0 && file.PassLife < passLeast {
		problems = append(problems, keyError("pass_life", "%v: it has to be %v or more", file.PassLife, passLeast))
	}
	if f := file.Log.Format; f != "" && f != "text" && f != "json" {
		problems = append(problems, keyError("log.format", "%q is neither text nor json", f))
	}
	if len(problems) > 0 {
		return File{}, fmt.Errorf("read the configuration: %w", errors.Join(problems...))
	}
	return file, nil
}

func keyError(key, format string, values ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{key}, values...)...)
}

// byKey says of the decoder's errors, which tell lines and types of Go, which
// key they are about.
func byKey(data []byte, err error) error {
	var wrong *yaml.TypeError
	var document yaml.Node
	if !errors.As(err, &wrong) || yaml.Unmarshal(data, &document) != nil {
		return err
	}
	problems := make([]error, 0, len(wrong.Errors))
	for _, text := range wrong.Errors {
		where, what, _ := strings.Cut(text, ": ")
		number, _ := strings.CutPrefix(where, "line ")
		line, err := strconv.Atoi(number)
		key := keyAt(&document, line, "")
		if err != nil || key == "" {
			problems = append(problems, errors.New(text))
			continue
		}
		if strings.Contains(what, " not found in type ") {
			what = "there is no such key"
		}
		problems = append(problems, keyError(key, "line %d: %s", line, what))
	}
	return errors.Join(problems...)
}

// keyAt is the last key at or before a line, with those that it is below.
func keyAt(node *yaml.Node, line int, path string) string {
	found := ""
	switch node.Kind {
	case yaml.DocumentNode, yaml.SequenceNode:
		for _, child := range node.Content {
			if key := keyAt(child, line, path); key != "" {
				found = key
			}
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if key.Line > line {
				break
			}
			name := key.Value
			if path != "" {
				name = path + "." + name
			}
			if found = keyAt(value, line, name); found == "" {
				found = name
			}
		}
	}
	return found
}
