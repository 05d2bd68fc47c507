package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

func TestWhoTravelsWithTheGuest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"it's for my mum, Doreen Whitlock":              {"Doreen Whitlock"},
		"my mother-in-law Beryl comes too":              {"Beryl"},
		"mein Lebensgefährte Sönke kommt nach":          {"Sönke"},
		"mon copain Yanis arrive après":                 {"Yanis"},
		"ma belle-mère Odile Fontanel":                  {"Odile Fontanel"},
		"vengo con mi novio, Gorka":                     {"Gorka"},
		"il mio compagno Gianmarco arriva dopo":         {"Gianmarco"},
		"mijn oudste zoon Thijmen slaapt hier":          {"Thijmen"},
		"przyjadę z siostrą, Bożeną, i jej mężem":       {"Bożeną"},
		"my sister Ines and Paul stay longer":           {"Ines", "Paul"},
		"I'm travelling with Mark, Sue and the kids":    {"Mark", "Sue"},
		"moi c'est Oumar Diallo":                        {"Oumar Diallo"},
		"mijn man is slechtziend, Gerrit heet hij":      {"Gerrit"},
		"hier kreuzpaintner guten morgen":               {"kreuzpaintner"},
		"booking in the name of de la cruz":             {"de la cruz"},
		"it's thompson without a p":                     {"thompson"},
		"ich bin die frau brandl":                       {"brandl"},
		"for Professor Ahmed Al-Sayed please":           {"Ahmed Al-Sayed"},
		"it's under kowalczyk i think":                  {"kowalczyk"},
		"the name on the booking is theo papadopoulos ": {"theo papadopoulos"},
	} {
		require.Equal(t, want, found(t, pii.Person, pii.Request{Text: text}), text)
	}
	require.Equal(t, []string{"van den berg"}, found(t, pii.Person, pii.Request{Text: "sure it's van den berg", Expect: []pii.Type{pii.Person}}))
	require.Equal(t, []string{"hoffmeister"}, found(t, pii.Person, pii.Request{Text: "auf hoffmeister bitte", Expect: []pii.Type{pii.Person}}))
}

func TestKinWithoutAName(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"my colleague, Head of Sales, will join", "with my wife, vegetarian, and my son", "meine Frau Geburtstag hat", "mijn vrouw, die vegetarisch is",
		"przyjadę z mężem jutro", "c'est le monsieur de la réception", "travelling with children, a dog and a cat", "voyage avec Air France",
		"hier stinkt es guten tag", "i'm phoning from the train", "hier wackelt mein bett", "moi c'est pour demain",
	} {
		require.Empty(t, found(t, pii.Person, pii.Request{Text: text}), text)
	}
}

// What is sold under a person's name is nobody, and somebody of that name is.
func TestTradeNames(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a Jim Beam with ice", "an Earl Grey tea please", "the Calvin Klein store", "a Rolls Royce from the airport", "the Victoria Suite"} {
		require.Empty(t, found(t, pii.Person, pii.Request{Text: text, Language: "en"}), text)
	}
	require.Equal(t, []string{"Jim Beamish"}, found(t, pii.Person, pii.Request{Text: "it's Jim Beamish again", Language: "en"}))
}

func TestHealthWordsOfEachLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"my father had a stroke, he needs a walking frame": {"stroke", "walking frame"},
		"ich bin querschnittsgelähmt":                      {"querschnittsgelähmt"},
		"elle est en fauteuil roulant":                     {"fauteuil roulant"},
		"mi mujer es celíaca":                              {"celíaca"},
		"mio marito è cardiopatico":                        {"cardiopatico"},
		"mijn man is slechtziend":                          {"slechtziend"},
		"mam cukrzycę":                                     {"cukrzycę"},
		"sie ist allergisch gegen Nüsse":                   {"allergisch gegen Nüsse"},
		"syn ma alergię na orzechy":                        {"alergię na orzechy"},
	} {
		require.Equal(t, want, found(t, pii.Health, pii.Request{Text: text}), text)
	}
	for _, text := range []string{"a quiet room for a good rest", "ein Zimmer mit Blick", "un cœur de ville", "the sick view from the roof"} {
		require.Empty(t, found(t, pii.Health, pii.Request{Text: text}), text)
	}
}
