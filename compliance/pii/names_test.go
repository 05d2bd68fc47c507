package pii_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

// found gives the parts of a text that are of a type.
func found(t *testing.T, kind pii.Type, r pii.Request) []string {
	t.Helper()
	spans, err := pii.New(pii.Options{}).Scan(nil, r)
	require.NoError(t, err)
	var out []string
	for _, s := range spans {
		if s.Type == kind {
			out = append(out, r.Text[s.Start:s.End])
		}
	}
	return out
}

func TestKnownNamesInEveryForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"Jürgen Müller", "that is Mueller", "Mueller"},
		{"Jürgen Mueller", "JÜRGEN MÜLLER hier", "JÜRGEN MÜLLER"},
		{"Siobhán O'Neill", "siobhan oneill again", "siobhan oneill"},
		{"Jan van den Broucke", "it is vandenbroucke", "vandenbroucke"},
		{"Jan Vandenbroucke", "it is van den broucke", "van den broucke"},
		{"Jan van den Berg", "so van den Berg called", "van den Berg"},
		{"Krzysztof Zielonka", "mówiłam z Krzysztofem Zielonką", "Krzysztofem Zielonką"},
		{"Marek Banaszak", "to bagaż Marka", "Marka"},
		{"Ute Steinhilber", "sagen Sie Steinhilper", "Steinhilper"},
		{"Anna Schmidt", "yes S C H M I D T", "S C H M I D T"},
		{"Hannelore Groß", "Hannelores Koffer", "Hannelores"},
		{"Wei Li", "Wei Li is here", "Wei Li"},
		{"Koen van der Heijden", "Heyden bedoel ik", "Heyden"},
		{"Çelik Aydın", "celik aydin kommt", "celik aydin"},
	} {
		require.Equal(t, []string{test.want}, found(t, pii.Person, pii.Request{Text: test.text, Known: pii.Known{Names: []string{test.name}}}), test.text)
	}
}

func TestAKnownNameThatIsAWordNeedsMore(t *testing.T) {
	t.Parallel()
	known := pii.Known{Names: []string{"Will Young", "Dora Klein"}}
	for _, text := range []string{"will you call me", "a young man", "ein klein wenig"} {
		require.Empty(t, found(t, pii.Person, pii.Request{Text: text, Known: known}), text)
	}
	require.Equal(t, []string{"will young"}, found(t, pii.Person, pii.Request{Text: "it was will young", Known: known}))
	require.Equal(t, []string{"klein"}, found(t, pii.Person, pii.Request{Text: "frau klein kommt", Language: "de", Known: known}))
}

func TestKnownValuesAreFoundHoweverWritten(t *testing.T) {
	t.Parallel()
	known := pii.Known{
		Phones: []string{"+49 151 23456789"}, Emails: []string{"j.mueller@web.example"}, Bookings: []string{"KP20RS"},
		Addresses: []string{"Birkenstraße 9, 28195 Bremen"},
	}
	for text, want := range map[string]pii.Type{
		"0151/234 567 89": pii.Phone, "null eins fünf eins zwei drei vier fünf sechs sieben acht neun": pii.Phone,
		"K P 20 R S": pii.BookingRef, "kp-20-rs": pii.BookingRef, "J.MUELLER@WEB.EXAMPLE": pii.Email, "Birkenstraße 9 in 28195 Bremen": pii.Address,
	} {
		require.Equal(t, []string{text}, found(t, want, pii.Request{Text: "also " + text, Language: "de", Known: known}), text)
	}
	require.Empty(t, found(t, pii.Address, pii.Request{Text: "ich komme aus Bremen", Language: "de", Known: known}))
}

func TestWhatIsNoIntroduction(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"my name is on the booking", "this is ridiculous", "this is for a colleague", "I'm calling about my stay", "it's the second time",
		"mein Name steht auf der Buchung", "hier ist es zu laut", "das ist Wahnsinn", "je suis en retard", "c'est pour ce soir",
		"soy alérgico", "sono in ritardo", "ik ben te laat", "jestem w drodze", "la signora della reception",
	} {
		require.Empty(t, found(t, pii.Person, pii.Request{Text: text}), text)
	}
}

func TestAnIntroducedNameIsFoundAgain(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"Ondřej Vaňhara", "Vanhara"}, found(t, pii.Person, pii.Request{Text: "my name is Ondřej Vaňhara, put it under V, so Vanhara please", Language: "en"}))
	require.Equal(t, []string{"gwendolyn pryce"}, found(t, pii.Person, pii.Request{Text: "gwendolyn pryce", Expect: []pii.Type{pii.Person}}))
	require.Equal(t, []string{"gwendolyn pryce"}, found(t, pii.Person, pii.Request{Text: "gwendolyn pryce"}))
	require.Empty(t, found(t, pii.Person, pii.Request{Text: "bramble pryce"}), "neither is a first name")
}

func TestHealth(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"allergic to peanuts"}, found(t, pii.Health, pii.Request{Text: "she is allergic to peanuts, really"}))
	require.Equal(t, []string{"allergisch voor pinda's"}, found(t, pii.Health, pii.Request{Text: "zij is allergisch voor pinda's"}))
	require.Equal(t, []string{"seven months pregnant"}, found(t, pii.Health, pii.Request{Text: "I'm seven months pregnant now"}))
}

func TestNamesTakeLinearTime(t *testing.T) {
	t.Parallel()
	known := pii.Known{Names: []string{strings.Repeat("Aa ", 60), "Aaaaaaaaa"}, Addresses: []string{"Aaaa 1"}, Phones: []string{"1111111"}, Bookings: []string{"aaaaaa"}}
	for _, unit := range []string{"a ", "a", "my name is ", "1 ", "van ", "'", "- ", "double "} {
		text := strings.Repeat(unit, 200_000/len(unit))
		_, err := pii.New(pii.Options{}).Scan(nil, pii.Request{Text: text, Known: known})
		require.NoError(t, err)
	}
}
