package main

import (
	"os"
	"regexp"
	"testing"
)

// TestVersionIsInTheChangelog: the packages take the day of a version from there.
func TestVersionIsInTheChangelog(t *testing.T) {
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(version()) {
		t.Fatalf("FyneApp.toml gives version %q", version())
	}
	data, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^## ` + regexp.QuoteMeta(version()) + `, \d{4}-\d\d-\d\d$`).Match(data) {
		t.Errorf("CHANGELOG.md has no line \"## %s, YYYY-MM-DD\"", version())
	}
}
