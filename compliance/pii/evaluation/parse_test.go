package evaluation

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	turns, err := Parse("de", "# a remark\n\n== phones\n"+
		`{agent Und die Nummer?} {expect PHONE_NUMBER; PERSON} {known name=Müller; email=a\;b@c.de} {region AT} {allow 1; 2} `+
		`hier [PERSON/k müller] \[laut\] [PHONE_NUMBER/s null \[äh\] eins], [?PERSON Rosi] sagt [!CREDIT_CARD 4111]`)
	require.NoError(t, err)
	require.Len(t, turns, 1)
	assert.Equal(t, Turn{
		ID: "de:4", Section: "phones",
		Request: Request{
			Text: "hier müller [laut] null [äh] eins, Rosi sagt 4111", Language: "de", Region: "AT",
			Agent: "Und die Nummer?", Expect: []string{"PHONE_NUMBER", "PERSON"},
			Names: []string{"Müller"}, Emails: []string{"a;b@c.de"}, Allow: []string{"1", "2"},
		},
		Truths: []Truth{
			{Type: "PERSON", Start: 5, End: 12, Way: KnownBefore},
			{Type: "PHONE_NUMBER", Start: 20, End: 35, Way: Spoken},
			{Type: "PERSON", Start: 37, End: 41, Mark: Optional},
			{Type: "CREDIT_CARD", Start: 47, End: 51, Mark: Invalid},
		},
	}, turns[0])
	assert.False(t, turns[0].Negative())
}

func TestParseRefuses(t *testing.T) {
	for _, line := range []string{
		"an [PERSON open mark", "an ]", "a { brace", "[PERSON in [PERSON side]]", "[person small]", "[PERSON/x way]",
		"[PERSON ]", "[PERSON  two]", "[PERSON]", `a \n newline`, `the end \`, "{odd thing} text", "{known} text",
		"{known pet=Rex} text", "{known name=} text", "{allow a;;b} text", "{agent Hm?}text", "{agent Hm?} ", "{agent open",
		" led by space", "[PERSON/k Rosi] was not given", "wrong \xff bytes",
	} {
		_, err := Parse("en", line)
		assert.ErrorIs(t, err, ErrFormat, "%q", line)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("== a\n{known name=X} [PERSON/k X] \\[")
	f.Add("{agent a} [!T b]")
	f.Fuzz(func(t *testing.T, content string) {
		turns, err := Parse("en", content)
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		for _, turn := range turns {
			from := 0
			for _, truth := range turn.Truths {
				require.LessOrEqual(t, from, truth.Start)
				require.Less(t, truth.Start, truth.End)
				require.LessOrEqual(t, truth.End, len(turn.Request.Text))
				require.True(t, utf8.ValidString(turn.Request.Text[truth.Start:truth.End]))
				from = truth.End
			}
		}
	})
}
