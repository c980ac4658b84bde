package chat

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The examples of docs/chat-protocol.md are what this program reads and
// writes, and its table has the fields that there are.
func TestProtocolIsWrittenDownAsItIs(t *testing.T) {
	page, err := os.ReadFile("../../docs/chat-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []Kind
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)\n```").FindAllSubmatch(page, -1) {
		if live, ok := parseLive(block[1]); ok {
			if live.Activity != Typing {
				t.Errorf("%s", block[1])
			}
			continue
		}
		e, err := ParseEnvelope(block[1])
		if err != nil || !e.Supported() {
			t.Errorf("%s: %v", block[1], err)
			continue
		}
		kinds = append(kinds, e.Kind)
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]any
		if err := json.Unmarshal(block[1], &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("written again:\n%s\n%s", again, block[1])
		}
	}
	for _, kind := range []Kind{KindText, KindImage, KindVoice, KindFile, KindEdit, KindDelete, KindReaction, KindReceipt, KindNotice} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("there is no example of %s", kind)
		}
	}
	for _, of := range []reflect.Type{reflect.TypeFor[Envelope](), reflect.TypeFor[Reply](), reflect.TypeFor[File](), reflect.TypeFor[liveMessage]()} {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), `"`+name+`"`) {
				t.Errorf("%s.%s is not on the page", of.Name(), name)
			}
		}
	}
}
