package i18n

import (
	"encoding/json"
	"testing"

	"parley/assets"
)

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
