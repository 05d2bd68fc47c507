package notify

import (
	"strings"
	"unicode/utf16"
)

// Encoding is how a text message travels. It decides how much fits into a part.
type Encoding string

// The encodings of GSM 03.38: 7 bits for what its alphabet has, else UCS-2.
const (
	GSM7 Encoding = "gsm7"
	UCS2 Encoding = "ucs2"
)

// A single part has the whole room; parts of a longer message share it with
// the header that puts them together.
const (
	gsm7Single, gsm7Part = 160, 153
	ucs2Single, ucs2Part = 70, 67
)

// The default alphabet, and what an escape in front of it adds.
const (
	gsm7Basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsm7Extended = "\f^{}\\[~]|€"
)

// Segments tells how a text message travels and how many parts it takes. A
// character that takes two units never parts them.
func Segments(text string) (Encoding, int) {
	if widths, ok := gsm7Widths(text); ok {
		return GSM7, pack(widths, gsm7Single, gsm7Part)
	}
	var widths []int
	for _, r := range text {
		widths = append(widths, max(utf16.RuneLen(r), 1)) // a broken rune is sent as one unit
	}
	return UCS2, pack(widths, ucs2Single, ucs2Part)
}

// gsm7Widths are the septets of each character; false when one has none.
func gsm7Widths(text string) ([]int, bool) {
	widths := make([]int, 0, len(text))
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm7Basic, r):
			widths = append(widths, 1)
		case strings.ContainsRune(gsm7Extended, r):
			widths = append(widths, 2)
		default:
			return nil, false
		}
	}
	return widths, true
}

// pack counts the parts that characters of these widths take.
func pack(widths []int, single, part int) int {
	total := 0
	for _, w := range widths {
		total += w
	}
	if total <= single {
		return 1
	}
	parts, used := 1, 0
	for _, w := range widths {
		if used+w > part {
			parts, used = parts+1, 0
		}
		used += w
	}
	return parts
}
