package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/views/problem"
	"parley/views/theme"
)

// storage is where the history is, and how it goes elsewhere.
func (v *View) storage() []block {
	t, s := v.loc.T, v.state.Storage
	folder := []block{
		newRow(t("settings.history"), t("settings.history.words"), nil),
		newRow(t("settings.path"), s.Folder, nil),
	}
	if s.Next != "" {
		folder = append(folder, newRow(t("settings.next"), s.Next, nil))
	}
	folder = append(folder,
		newRow(t("settings.folder"), "", v.newButton("folder", t("settings.open"), v.actions.OpenFolder)),
		newRow(t("settings.path.copy"), "", v.newCopy(s.Folder)),
		newRow(t("settings.another"), t("settings.another.words"), v.newButton("", t("settings.choose"), v.actions.ChooseFolder)))
	blocks := []block{newCard("", folder...)}

	carry := []block{
		newRow(t("settings.export"), t("settings.export.words"), v.newButton("", t("settings.export.button"), v.actions.Export)),
		newRow(t("settings.import"), t("settings.import.words"), v.newButton("", t("settings.import.button"), v.actions.Import)),
	}
	if s.Doing != "" {
		v.bar = widget.NewProgressBar()
		v.bar.SetValue(s.Done)
		carry = []block{
			newRow(s.Doing, "", v.bar).below(),
			newRow("", "", v.newButton("", t("join.cancel"), v.actions.Stop)),
		}
	} else if s.Said != "" {
		carry = append(carry, newNote(s.Said, false))
	}
	blocks = append(blocks, newCard(t("settings.carry"), carry...))
	if s.Problem.What != "" {
		blocks = append(blocks, v.newProblem(s.Problem))
	}
	return blocks
}

// sameBut reports whether no more than the progress is another.
func (s Stored) sameBut(other Stored) bool {
	s.Done = other.Done
	return s == other
}

// trouble is a problem among the blocks of a section.
type trouble struct {
	drawn
	card *problem.Card
}

func (v *View) newProblem(p problem.Problem) *trouble {
	b := &trouble{card: problem.New(v.loc, problem.Actions{Copy: v.actions.Copy})}
	b.card.Set(p)
	b.objects = []fyne.CanvasObject{b.card}
	b.least = func() fyne.Size { return fyne.NewSize(1, b.heightFor(max(b.Size().Width, theme.SpaceXL))) }
	b.place = func(size fyne.Size) { put(b.card, 0, 0, size.Width, size.Height) }
	b.paint = func() {}
	b.ExtendBaseWidget(b)
	return b
}

func (b *trouble) heightFor(width float32) float32 { return b.card.HeightFor(width) }
