// Package i18n says things in the person's language.
package i18n

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"parley/assets"
)

// Localizer translates keys into one language. Use changes which; the views
// then say everything anew. It may be used from any goroutine.
type Localizer struct {
	bundle *goi18n.Bundle
	spoken atomic.Pointer[spoken]
}

// spoken is the language of the moment.
type spoken struct {
	language  string
	localizer *goi18n.Localizer
}

// New makes the localizer of a language, "en" or "zh"; anything else follows
// the system, and is English where the system's language has no translation.
func New(wanted string) *Localizer {
	bundle := goi18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, l := range assets.Languages() {
		data, err := assets.Translation(l)
		if err == nil {
			_, err = bundle.ParseMessageFileBytes(data, l+".json")
		}
		if err != nil {
			// Embedded: it can't fail but by a mistake in the program.
			panic(fmt.Sprintf("i18n: translation %s: %v", l, err))
		}
	}
	l := &Localizer{bundle: bundle}
	l.Use(wanted)
	return l
}

// Use changes the language, as New takes it.
func (l *Localizer) Use(wanted string) {
	chosen := Choose(wanted)
	l.spoken.Store(&spoken{language: chosen, localizer: goi18n.NewLocalizer(l.bundle, chosen)})
}

// TeachToolkit has the toolkit speak the language too, in the menus of its fields and
// where files are chosen. It knows of the system's language alone: the words are given
// to it as those of that. It is called on the UI thread.
func (l *Localizer) TeachToolkit() error {
	words, err := assets.Toolkit(l.Language())
	if err == nil {
		err = lang.AddTranslations(fyne.NewStaticResource(lang.SystemLocale().LanguageString()+".json", words))
	}
	if err != nil {
		return fmt.Errorf("teach the toolkit %s: %w", l.Language(), err)
	}
	return nil
}

// Choose gives the language that New takes for a wish.
func Choose(wanted string) string {
	for _, l := range assets.Languages() {
		if wanted == l {
			return l
		}
	}
	if strings.HasPrefix(strings.ToLower(string(lang.SystemLocale())), "zh") {
		return "zh"
	}
	return "en"
}

// Language is "en" or "zh".
func (l *Localizer) Language() string { return l.spoken.Load().language }

// T translates a key.
func (l *Localizer) T(key string) string {
	return l.localize(&goi18n.LocalizeConfig{MessageID: key})
}

// Tf translates a key with values for its placeholders.
func (l *Localizer) Tf(key string, data map[string]any) string {
	return l.localize(&goi18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// N translates a key with a count; its placeholder is Count.
func (l *Localizer) N(key string, count int) string {
	return l.localize(&goi18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: map[string]any{"Count": count}})
}

func (l *Localizer) localize(c *goi18n.LocalizeConfig) string {
	text, err := l.spoken.Load().localizer.Localize(c)
	if err != nil {
		return c.MessageID // a test keeps this from happening
	}
	return text
}

// Clock is the time of day.
func (l *Localizer) Clock(t time.Time) string { return t.Format("15:04") }

// Day names a day as seen from now: today, yesterday, or its date.
func (l *Localizer) Day(t, now time.Time) string {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	switch t = t.In(now.Location()); {
	case !t.Before(today):
		return l.T("chat.today")
	case !t.Before(today.AddDate(0, 0, -1)):
		return l.T("chat.yesterday")
	case l.Language() == "zh" && t.Year() == y:
		return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
	case l.Language() == "zh":
		return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
	case t.Year() == y:
		return t.Format("2 January")
	default:
		return t.Format("2 January 2006")
	}
}

// Month names a month of a year.
func (l *Localizer) Month(t time.Time) string {
	if l.Language() == "zh" {
		return fmt.Sprintf("%d年%d月", t.Year(), t.Month())
	}
	return t.Format("January 2006")
}

// Weekdays are short names of the days, from Monday on.
func (l *Localizer) Weekdays() [7]string {
	if l.Language() == "zh" {
		return [7]string{"一", "二", "三", "四", "五", "六", "日"}
	}
	return [7]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}
}

// Elapsed is a duration as a call shows it: 0:07, 12:30, 1:02:03.
func Elapsed(d time.Duration) string {
	s := int(d.Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
