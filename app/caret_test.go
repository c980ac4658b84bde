package app

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// keyed counts what it is told.
type keyed struct {
	widget.Entry
	keys int
}

func (k *keyed) TypedKey(e *fyne.KeyEvent) {
	k.keys++
	k.Entry.TypedKey(e)
}

func TestCaretRestsAfterAWhile(t *testing.T) {
	test.NewTempApp(t)
	field, other := &keyed{}, &keyed{}
	field.ExtendBaseWidget(field)
	other.ExtendBaseWidget(other)
	field.SetText("hello")
	began := time.Unix(0, 0)
	var r caretRest
	if r.blinks(began) || r.look(field, began) != caretHeld || !r.blinks(began) {
		t.Error("the caret does not blink")
	}
	r.look(field, began.Add(caretBlinks-time.Millisecond))
	if field.keys != 0 {
		t.Error("the caret does not blink at first")
	}
	r.look(field, began.Add(caretBlinks))
	if field.keys != 1 || r.blinks(began.Add(caretBlinks)) {
		t.Error("the caret goes on blinking")
	}
	if field.Text != "hello" {
		t.Errorf("the text became %q", field.Text)
	}
	r.look(other, began.Add(caretBlinks))
	if other.keys != 0 {
		t.Error("the caret does not blink in the next field")
	}
	if r.look(nil, began.Add(2*caretBlinks)) != 0 || r.blinks(began.Add(2*caretBlinks)) {
		t.Error("there is a caret where no field is")
	}
	r.look(widget.NewButton("", nil), began.Add(3*caretBlinks))
	r.look(widget.NewButton("", nil), began.Add(4*caretBlinks))
}
