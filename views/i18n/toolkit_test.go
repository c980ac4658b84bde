package i18n

import (
	"encoding/json"
	"testing"

	"fyne.io/fyne/v2/lang"

	"parley/assets"
)

// TestToolkit has the toolkit follow the chosen language, there and back.
func TestToolkit(t *testing.T) {
	for _, step := range []struct{ language, want string }{{"zh", "复制"}, {"en", "Copy"}, {"zh", "复制"}, {"en", "Copy"}} {
		if err := SpeakToolkit(step.language); err != nil {
			t.Fatal(err)
		}
		if got := lang.L("Copy"); got != step.want {
			t.Errorf("in %s it says %q", step.language, got)
		}
	}
}

// TestToolkitWords has the same words in all languages.
func TestToolkitWords(t *testing.T) {
	words := func(language string) map[string]string {
		data, err := assets.Toolkit(language)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	english := words("en")
	for _, language := range assets.Languages() {
		other := words(language)
		for key := range english {
			if other[key] == "" {
				t.Errorf("%s has no %q", language, key)
			}
		}
		if len(other) != len(english) {
			t.Errorf("%s has %d words, and English %d", language, len(other), len(english))
		}
	}
}
