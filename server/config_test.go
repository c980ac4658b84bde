package server

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// keysOf lists the keys that a struct has, with those that they are below.
func keysOf(kind reflect.Type, path string) []string {
	var keys []string
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			keys = append(keys, "(untagged) "+field.Name)
			continue
		}
		key := strings.TrimPrefix(path+"."+name, ".")
		keys = append(keys, key)
		if field.Type.Kind() == reflect.Struct {
			keys = append(keys, keysOf(field.Type, key)...)
		}
	}
	return keys
}

func keysIn(node *yaml.Node, path string, keys map[string]bool) {
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		key := strings.TrimPrefix(path+"."+node.Content[i].Value, ".")
		keys[key] = true
		keysIn(node.Content[i+1], key, keys)
	}
}

func TestTheSampleIsWhole(t *testing.T) {
	sample, err := os.ReadFile("../docs/server.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// As it is, it says what is done without it.
	file, err := parseFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Data: t.TempDir(), Logger: slog.New(slog.DiscardHandler)}
	file.Apply(&cfg, func(string) bool { return false })
	if err := cfg.Check(); err != nil {
		t.Error(err)
	}
	if cfg.Listen != DefaultListen || cfg.UDPPort != DefaultUDPPort || cfg.TCPPort != DefaultTCPPort || cfg.Open || cfg.Drain != 0 {
		t.Errorf("not the defaults: %+v", cfg)
	}
	defaults := Limits{Connections: 8192}.withDefaults() // may be less where few files may be open
	if cfg.Limits != defaults {
		t.Errorf("not the default limits: %+v, %+v", cfg.Limits, defaults)
	}
	said, err := parsePrefixes(cfg.TrustedProxies)
	if unsaid, _ := parsePrefixes(nil); err != nil || !reflect.DeepEqual(said, unsaid) {
		t.Errorf("not the default proxies: %v, %v", said, err)
	}

	// With its examples taken in it has every key, each with a comment.
	whole := regexp.MustCompile(`(?m)^(\s*)#([a-z_]+:.*)$`).ReplaceAll(sample, []byte("$1$2"))
	if _, err := parseFile(whole); err != nil {
		t.Error(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(whole, &document); err != nil {
		t.Fatal(err)
	}
	present := make(map[string]bool)
	keysIn(document.Content[0], "", present)
	for _, key := range keysOf(reflect.TypeFor[File](), "") {
		if !present[key] {
			t.Errorf("the sample does not have %s", key)
		}
	}
}

func TestCheckSaysWhatIsWrongByKey(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	authority.issue(t, at("cert"), at("key"), 2, time.Now().Add(time.Hour), "parley.example.org")
	authority.issue(t, at("old"), at("oldkey"), 3, time.Now().Add(-time.Hour), "parley.example.org")
	files := fmt.Sprintf("tls: {cert: %s, key: %s}\n", at("cert"), at("key"))
	for _, test := range []struct{ text, says string }{
		{"", ""},
		{files + "turn: {domain: parley.example.org}\nmetrics: 127.0.0.1:6789\npublic_ip: 203.0.113.7\ndrain: 10m\n", ""},
		{"tls: {acme: {domains: [parley.example.org], email: a@example.org, http: ':80'}}\nmetrics: public\n", ""},
		{"metrics: ':6789'\ntrusted_proxies: [10.0.0.0/8, '::1']\n", ""},
		{"listen: nonsense\n", "listen: "},
		{"listen: 127.0.0.1:70000\n", "listen: "},
		{"listen: 192.0.2.1:7880\n", "listen: "},
		{"listen: ':7880'\nopen: true\n", "open: "},
		{"listen: ':7881'\ntcp_port: 7881\n", "tcp_port: port 7881 is also that of listen"},
		{"metrics: 127.0.0.1:7880\n", "metrics: port 7880 is also that of listen"},
		{"metrics: here\n", "metrics: "},
		{"public_ip: parley.example.org\n", "public_ip: "},
		{"drain: -1s\n", "drain: "},
		{"trusted_proxies: [proxy]\n", "trusted_proxies: "},
		{"limits: {connections: -1}\n", "limits.connections: "},
		{"tls: {cert: " + at("none") + ", key: " + at("key") + "}\n", "tls.cert: open "},
		{"tls: {cert: " + at("cert") + ", key: " + at("none") + "}\n", "tls.key: open "},
		{"tls: {cert: " + at("cert") + "}\n", "tls.key: "},
		{"tls: {key: " + at("key") + "}\n", "tls.cert: "},
		{"tls: {cert: " + at("cert") + ", key: " + at("oldkey") + "}\n", "tls.cert: the certificate and tls.key do not load"},
		{"tls: {cert: " + at("old") + ", key: " + at("oldkey") + "}\n", "tls.cert: the certificate has expired"},
		{files + "turn: {domain: other.example.org}\n", "turn.domain: "},
		{"turn: {domain: parley.example.org}\n", "turn.domain: TURN needs tls"},
		{files + "turn: {domain: parley.example.org, public_port: 70000}\n", "turn.public_port: 70000 is no port"},
		{"tls: {acme: {domains: [parley.example.org]}}\nturn: {domain: turn.example.org}\n", "turn.domain: "},
		{"tls: {acme: {domains: ['127.0.0.1']}}\n", "tls.acme.domains: "},
		{"tls: {acme: {email: a@example.org}}\n", "tls.acme.domains: "},
		{"tls: {acme: {domains: [parley.example.org], directory: 'http://ca.example.org'}}\n", "tls.acme.directory: "},
		{"tls: {cert: a, key: b, acme: {domains: [parley.example.org]}}\n", "tls: "},
	} {
		file, err := parseFile([]byte(test.text))
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		cfg := Config{Listen: ":7880", Data: folder, UDPPort: DefaultUDPPort, TCPPort: DefaultTCPPort}
		file.Apply(&cfg, func(string) bool { return false })
		err = cfg.Check()
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains("\n"+err.Error(), "\n"+test.says) {
			t.Errorf("%q: %v", test.text, err)
		}
	}
	both := Config{Listen: "x", Drain: -1, Data: folder}
	if err := both.Check(); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("not all at once: %v", err)
	}
}

func FuzzParseFile(f *testing.F) {
	sample, err := os.ReadFile("../docs/server.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte("log: {level: x}\nx: &a [*a]\n? [a]\n: b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parseFile(data)
		if err != nil {
			_ = err.Error()
			return
		}
		file.Log.Logger(io.Discard).Info("x")
	})
}
