package documents

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/register"
)

func built(t *testing.T) (Inputs, map[string]Document) {
	t.Helper()
	in, err := Collect()
	require.NoError(t, err)
	all, err := Build(in)
	require.NoError(t, err)
	byName := map[string]Document{}
	for _, d := range all {
		byName[d.Name] = d
	}
	return in, byName
}

// TestPapersAreWhole: every paper is there, filled, and names its own digest.
func TestPapersAreWhole(t *testing.T) {
	t.Parallel()
	_, all := built(t)
	require.Len(t, all, 1+len(papers)+len(consent.Languages()))
	for name, d := range all {
		text := string(d.Content)
		require.NotContains(t, text, "<no value>", name)
		require.NotContains(t, text, "{{", name)
		head, body, found := strings.Cut(text, d.Digest+"`\n\n")
		require.True(t, found, name)
		require.Contains(t, head, d.Title)
		sum := sha256.Sum256([]byte(body))
		require.Equal(t, hex.EncodeToString(sum[:]), d.Digest, name)
		if name != Index {
			require.Contains(t, string(all[Index].Content), "("+name+") | "+d.Version+" | `"+d.Digest+"`")
		}
	}
}

// TestPapersTellWhatTheCodeHas: what is in the data is in the papers.
func TestPapersTellWhatTheCodeHas(t *testing.T) {
	t.Parallel()
	in, all := built(t)
	ropa := string(all["register-of-processing.md"].Content)
	for _, a := range in.Register.Activities {
		require.Contains(t, ropa, "### "+a.Name)
	}
	for _, s := range in.Register.Stores {
		require.Contains(t, ropa, "`"+s.Name+"`")
	}
	for _, r := range in.Retention {
		require.Contains(t, ropa, "| `"+r.Class+"` | "+r.Period+" |")
	}
	recipients := string(all["sub-processors.md"].Content)
	for _, p := range in.Register.Recipients {
		if p.Kind != "controller" && p.Kind != "controller_system" {
			require.Contains(t, recipients, p.Name)
		}
	}
	texts := string(all["call-texts.md"].Content)
	for _, n := range in.Notices {
		require.Contains(t, texts, "> "+n.Text)
	}
	for _, language := range consent.Languages() {
		for _, w := range newest(in.Wordings, language) {
			require.Contains(t, texts, "> "+w.Text)
		}
	}
}

// TestAChangedFactChangesThePaper, and its digest with it.
func TestAChangedFactChangesThePaper(t *testing.T) {
	t.Parallel()
	in, before := built(t)
	in.Register.Recipients = append([]register.Recipient(nil), in.Register.Recipients...)
	for i := range in.Register.Recipients {
		if in.Register.Recipients[i].ID == "seven" {
			in.Register.Recipients[i].Name = "Another gateway"
		}
	}
	all, err := Build(in)
	require.NoError(t, err)
	for _, d := range all {
		if d.Name == "sub-processors.md" {
			require.Contains(t, string(d.Content), "Another gateway")
			require.NotEqual(t, before[d.Name].Digest, d.Digest)
		}
	}
}

// TestAMissingTranslationIsNamed: a new activity, recipient or class has to be
// put into words in every language.
func TestAMissingTranslationIsNamed(t *testing.T) {
	t.Parallel()
	in, _ := built(t)
	activities := append([]register.Activity(nil), in.Register.Activities...)
	activities[0].ID = "gambling"
	in.Register.Activities = activities
	in.Retention = append(in.Retention, Rule{Class: "dice", Period: "P1Y", Anchor: "throw", Bound: "default"})
	_, err := Build(in)
	require.ErrorContains(t, err, "in en has no words for activity gambling, class dice, anchor throw")
}

func TestTermsAreInWords(t *testing.T) {
	t.Parallel()
	polish := translation{Units: map[string][]string{"years": {"rok", "lata", "lat"}, "months": {"miesiąc", "miesiące", "miesięcy"}, "days": {"dzień", "dni", "dni"}}}
	english := translation{Units: map[string][]string{"years": {"year", "years"}, "months": {"month", "months"}, "days": {"day", "days"}}}
	for _, test := range []struct{ period, english, polish string }{
		{"P1Y", "1 year", "1 rok"}, {"P3Y", "3 years", "3 lata"}, {"P6Y", "6 years", "6 lat"}, {"P12Y", "12 years", "12 lat"},
		{"P22Y", "22 years", "22 lata"}, {"P1Y3M", "1 year, 3 months", "1 rok, 3 miesiące"}, {"P90D", "90 days", "90 dni"},
	} {
		require.Equal(t, test.english, english.period(test.period))
		require.Equal(t, test.polish, polish.period(test.period))
	}
	require.Empty(t, polish.missing)
	english.period("eight years")
	require.Equal(t, []string{"period eight years"}, english.missing)
}
