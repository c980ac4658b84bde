package i18n

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"parley/assets"
)

// SpeakToolkit has the toolkit say what it says itself in a language too: the menu of a
// field, the dialogs for files. It follows the system alone, so that what is said in
// the language of the system is replaced.
func SpeakToolkit(language string) error {
	data, err := assets.Toolkit(language)
	if err != nil {
		return err
	}
	return lang.AddTranslations(fyne.NewStaticResource(lang.SystemLocale().LanguageString()+".json", data))
}
