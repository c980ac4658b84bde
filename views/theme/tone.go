package theme

import "image/color"

// ToneColor is the colour of a skin tone of emoji: 0 is the yellow one, 1 to 5
// go from light to dark. It is the same in every mode, as the emoji are.
func ToneColor(tone int) color.Color {
	tones := [...]uint32{0xffcc4d, 0xf7dece, 0xf3d2a2, 0xd5ab88, 0xaf7e57, 0x7c533e}
	if tone < 0 || tone >= len(tones) {
		tone = 0
	}
	return rgb(tones[tone])
}
