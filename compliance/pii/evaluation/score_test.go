package evaluation

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// knowing is the detector that reads the truth.
func knowing(set Set) Detect {
	truths := map[string][]Truth{}
	for _, turn := range set.Turns {
		truths[turn.Request.Text] = turn.Truths
	}
	return func(r Request) ([]Span, error) {
		var spans []Span
		for _, truth := range truths[r.Text] {
			if truth.Mark == Personal && (len(r.Entities) == 0 || slices.Contains(r.Entities, truth.Type)) {
				spans = append(spans, Span{truth.Type, truth.Start, truth.End})
			}
		}
		return spans, nil
	}
}

func TestTheTruthReachesEveryBound(t *testing.T) {
	set := load(t)
	r, err := Score(set, knowing(set))
	require.NoError(t, err)
	assert.Empty(t, Check(r, Numbers))
	assert.Empty(t, r.Misses)
	for _, of := range []string{
		groupChecksum, groupFormat, groupIdentifier, groupPhone, groupPhoneSpoken, groupEmailSpoken,
		groupKnownName, groupIntroduced, groupKnownOther, groupNoFixedShape,
	} {
		assert.GreaterOrEqual(t, r.Of(of).Total, 25, of)
	}
}

func TestSilenceFails(t *testing.T) {
	r, err := Score(load(t), func(Request) ([]Span, error) { return nil, nil })
	require.NoError(t, err)
	assert.Len(t, Check(r, Numbers), 8, "all but the precision of names, the wrong maskings and the invalid hits")
	assert.Zero(t, sum(r.Masked).Found)
}

func TestMaskingAllFails(t *testing.T) {
	r, err := Score(load(t), func(r Request) ([]Span, error) { return []Span{{"CREDIT_CARD", 0, len(r.Text)}}, nil })
	require.NoError(t, err)
	below := strings.Join(Check(r, Numbers), "\n")
	assert.Contains(t, below, "wrong maskings")
	assert.Contains(t, below, "invalid numbers")
	assert.Contains(t, below, "phones, spoken", "a value with another's type is not found")
	assert.NotContains(t, below, "masked:", "but it is masked")
}

// one scores a single turn; spans are told as type and words.
func one(t *testing.T, line string, found ...[2]string) Result {
	t.Helper()
	turns, err := Parse("en", line)
	require.NoError(t, err)
	r, err := Score(Set{turns}, func(r Request) ([]Span, error) {
		var spans []Span
		for _, f := range found {
			at := strings.Index(r.Text, f[1])
			require.GreaterOrEqual(t, at, 0, f[1])
			spans = append(spans, Span{f[0], at, at + len(f[1])})
		}
		return spans, nil
	})
	require.NoError(t, err)
	return r
}

func TestAValueMustBeFoundWhole(t *testing.T) {
	const line = "call [PHONE_NUMBER 0161 496 0345] now"
	assert.Equal(t, Count{1, 1}, one(t, line, [2]string{"PHONE_NUMBER", "0161 496 0345"}).Of(groupPhone))
	assert.Equal(t, Count{0, 1}, one(t, line, [2]string{"PHONE_NUMBER", "496 0345"}).Of(groupPhone))
	assert.Equal(t, Count{0, 1}, one(t, line, [2]string{"NUMBER_SEQUENCE", "0161 496 0345"}).Of(groupPhone))
	assert.Equal(t, Count{1, 1}, one(t, line, [2]string{"PHONE_NUMBER", "496 0345"}, [2]string{"OTHER", "0161"}).Of(groupPhone))
	assert.Equal(t, Count{7, 11}, one(t, line, [2]string{"OTHER", "496 0345"}).Masked["en"])
}

func TestATypeOfTheSameMeaningCounts(t *testing.T) {
	line := "reg [UK_VEHICLE_REGISTRATION BD51 SMR] please"
	assert.Equal(t, Count{1, 1}, one(t, line, [2]string{"LICENSE_PLATE", "BD51 SMR"}).Of(groupFormat))
	assert.Equal(t, Count{0, 1}, one(t, line, [2]string{"PASSPORT", "BD51 SMR"}).Of(groupFormat))
	line = "at [ADDRESS 9 Mill Lane] please"
	assert.Equal(t, Count{0, 1}, one(t, line, [2]string{"IP_ADDRESS", "9 Mill Lane"}).Of(groupNoFixedShape))
}

func TestWrongMaskings(t *testing.T) {
	const line = "so it is [PHONE_NUMBER 0161 496 0345] for room 204"
	for span, want := range map[string][2]int{
		"0161 496 0345":            {0, 0},
		"is 0161 496 0345":         {0, 1},
		"is 0161 496 0345 for":     {0, 2},
		"it is 0161 496 0345":      {1, 0},
		"204":                      {1, 0},
		"it is 0161 496 0345 for ": {1, 1},
	} {
		r := one(t, line, [2]string{"PHONE_NUMBER", span})
		assert.Equal(t, want, [2]int{r.WrongMaskings["en"], r.Overhangs["en"]}, span)
		assert.Equal(t, 9, r.Words["en"])
	}
	optional := one(t, "in [?ADDRESS Ludlow] then", [2]string{"ADDRESS", "Ludlow"})
	assert.Zero(t, optional.WrongMaskings["en"])
}

func TestPrecisionOfNames(t *testing.T) {
	const line = "{known name=Rosi} I'm [PERSON Ann Lee] from Bath, [PERSON/k Rosi] at [EMAIL_ADDRESS ann@lee.de]"
	r := one(t, line, [2]string{"PERSON", "Ann Lee"}, [2]string{"PERSON", "Bath"}, [2]string{"PERSON", "Rosi"}, [2]string{"PERSON", "lee"})
	assert.Equal(t, Count{1, 2}, r.Names["en"])
}

func TestInvalidNumbers(t *testing.T) {
	const line = "the card [!CREDIT_CARD 4111 1111] is none"
	r := one(t, line, [2]string{"NUMBER_SEQUENCE", "4111 1111"})
	assert.Equal(t, [3]int{0, 1, 1}, [3]int{r.InvalidHits["en"], r.InvalidMasked["en"], r.Invalids["en"]})
	assert.Zero(t, r.WrongMaskings["en"])
	assert.Equal(t, 1, one(t, line, [2]string{"CREDIT_CARD", "4111"}).InvalidHits["en"])
}

func TestScoreRefuses(t *testing.T) {
	set := Set{[]Turn{{ID: "en:1", Request: Request{Text: "abc"}}}}
	for _, span := range []Span{{"X", -1, 2}, {"X", 1, 4}, {"X", 2, 2}} {
		_, err := Score(set, func(Request) ([]Span, error) { return []Span{span}, nil })
		assert.ErrorContains(t, err, "en:1")
	}
	broken := errors.New("broken")
	_, err := Score(set, func(Request) ([]Span, error) { return nil, broken })
	assert.ErrorIs(t, err, broken)
}

func TestTheTableHidesNoMiss(t *testing.T) {
	r := one(t, "call [PHONE_NUMBER 0161 496 0345] in room 204", [2]string{"PERSON", "204"})
	table := r.String()
	assert.Contains(t, table, `en:1 missed PHONE_NUMBER: "0161 496 0345", got nothing`)
	assert.Contains(t, table, `en:1 wrong masking : "204", got PERSON 204`)
	assert.Contains(t, table, "phone, written")
}

func TestWordsOfOddTexts(t *testing.T) {
	assert.Empty(t, split(" -  … "))
	words := split("¿qué? l'été\u2003(é)")
	require.Len(t, words, 3)
	assert.Equal(t, word{start: 2, end: 6}, words[0])
}
