package pii

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestTokens(t *testing.T) {
	tokens, _ := tokenize(nil, nil, "Zimmer 4b, ÄRGER d'Anna\u00a0№7")
	var got []string
	for _, tok := range tokens {
		got = append(got, tok.fold)
	}
	assert.Equal(t, []string{"zimmer", "4", "b", ",", "ärger", "d", "'", "anna", "№", "7"}, got)
	assert.Equal(t, number, tokens[1].kind)
	assert.Equal(t, punct, tokens[3].kind)
}

func TestTokensLieInTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		tokens, _ := tokenize(nil, nil, text)
		at := 0
		for _, tok := range tokens {
			if tok.start < at || tok.end <= tok.start || tok.end > len(text) {
				t.Fatalf("token %+v", tok)
			}
			at = tok.end
		}
	})
}

func TestFoldingKeepsPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("a1\u200b\u0301\uff11\u0661\u2011\u00a0é")))).Draw(t, "text")
		var f folded
		if !f.fold(text) {
			return
		}
		for i := range f.buf {
			start, end := f.original(i, i+1)
			if start < 0 || end <= start || end > len(text) || i > 0 && f.from[i] < f.from[i-1] {
				t.Fatalf("byte %d of %q comes from %d to %d of %q", i, f.buf, start, end, text)
			}
		}
	})
}

func TestWordsOfContext(t *testing.T) {
	for text, want := range map[string]topic{
		"my passport is #": aboutPassport, "meine Kreditkartennummer: #": aboutCard, "Numéro de Sécurité sociale #": aboutSocial,
		"il codice fiscale # grazie": aboutTax, "# my booking number": aboutBooking, "mijn TELEFOONNUMMER #": aboutPhone,
		"numer dowodu osobistego to #": aboutIdentity, "the security code on it is #": aboutCVV,
	} {
		at := 0
		for text[at] != '#' {
			at++
		}
		set := contextWords.around(text, at, at+1)
		assert.True(t, set.has(want), text)
		assert.False(t, set.has(aboutCrypto), text)
	}
	far := contextWords.around("passport one two three four five #", 34, 35)
	assert.False(t, far.has(aboutPassport))
}
