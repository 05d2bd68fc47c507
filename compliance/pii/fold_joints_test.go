package pii

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStrangeSignsInNumbersLeaveNoneInClear(t *testing.T) {
	const digits = "4111111111111111"
	for _, sign := range []string{"\x00", "\x01", "\x07", "\x1b", "\x7f", "\u0085", "\ufff9", "\U000e0020", "\ufffd", "·", "•", "*", "|", "~", ";", ":", "\\", "<b>",
		"</b><b>", "&nbsp;", "&#160;", "\u115f", "\u17b4", "\u3164", "\U000e0100", "\u0301", "\u20e3", " | ", " • ", "\u2028", "\n", "\r\n"} {
		fours := strings.Join([]string{digits[:4], digits[4:8], digits[8:12], digits[12:]}, sign)
		assert.Equal(t, []string{"CREDIT_CARD:" + fours}, scanned(t, Request{Text: fours}), "%q", fours)
		assert.Equal(t, []string{"CREDIT_CARD:" + fours}, scanned(t, Request{Text: "it is " + fours + " yes"}), "%q", fours)
		ones := strings.Join(strings.Split(digits, ""), sign)
		assert.Equal(t, []string{"CREDIT_CARD:" + ones}, scanned(t, Request{Text: "card: " + ones, Language: "en"}), "%q", ones)
	}
	for _, row := range []string{"⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹", "₄₁₁₁₁₁₁₁₁₁₁₁₁₁₁₁", "④①①①①①①①①①①①①①①①", "➃➀➀➀➀➀➀➀➀➀➀➀➀➀➀➀", "❹❶❶❶❶❶❶❶❶❶❶❶❶❶❶❶"} {
		assert.Equal(t, []string{"CREDIT_CARD:" + row}, scanned(t, Request{Text: "card " + row}))
	}
	keys := strings.Repeat("1\ufe0f\u20e3", 16)
	keys = "4" + keys[1:]
	assert.Len(t, scanned(t, Request{Text: "card " + keys}), 1)
}

func TestStrangeSignsInOtherThingsStay(t *testing.T) {
	for _, text := range []string{
		"from 12:30 to 13:45", "lines 12|14|16", "rooms 101; 102; 103", "a 3*4 grid, 20*30 cm", "a room of 25 m²", "2 • 3 • 4 nights", "scores 3:1 and 2:2",
		"12\n14\n16", "1200\n1300\n1250", "<b>12</b> rooms", "AT&T 24;7",
	} {
		assert.Empty(t, scanned(t, Request{Text: text}), "%q", text)
	}
	assert.Equal(t, []string{"MAC_ADDRESS:00:11:22:33:44:55"}, scanned(t, Request{Text: "mac 00:11:22:33:44:55"}))
	assert.Equal(t, []string{"IP_ADDRESS:2001:1111:2222:3333:4444:5555:6666:7777"}, scanned(t, Request{Text: "ip 2001:1111:2222:3333:4444:5555:6666:7777"}))
}
