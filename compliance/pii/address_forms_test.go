package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

func TestAddressesByClass(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"send it to PO Box 208, Galway":                                                            "PO Box 208, Galway",
		"Anschrift Postfach 41 17, 3007 Bern":                                                      "Postfach 41 17, 3007 Bern",
		"Keizersgracht 118-III, 1015 CS Amsterdam":                                                 "Keizersgracht 118-III, 1015 CS Amsterdam",
		"j'habite 14 bis, boulevard Carnot à Lille":                                                "14 bis, boulevard Carnot à Lille",
		"Plaza de Armas nº 3, 1º derecha, 41001 Sevilla":                                           "Plaza de Armas nº 3, 1º derecha, 41001 Sevilla",
		"mieszkam na Mickiewicza 12 w Gdyni":                                                       "Mickiewicza 12 w Gdyni",
		"ich wohne in der birkenstraße 9 in bad schwartau":                                         "birkenstraße 9 in bad schwartau",
		"abito in via mazzini 4 a genova":                                                          "via mazzini 4 a genova",
		"it's Rowan Cottage, Mill Lane, Ludlow SY8 1EG":                                            "Rowan Cottage, Mill Lane, Ludlow SY8 1EG",
		"factura a Curiel Catering, Calle Serrano 41":                                              "Calle Serrano 41",
		"fattura a Viale dei Mille 7/B, 50131 Firenze FI":                                          "Viale dei Mille 7/B, 50131 Firenze FI",
		"Chaussée de Waterloo 1340, 1180 Uccle en Belgique":                                        "Chaussée de Waterloo 1340, 1180 Uccle",
		"17 boulevard Carnot, bâtiment C, 06400 Cannes":                                            "17 boulevard Carnot, bâtiment C, 06400 Cannes",
		"in de Lange Nieuwstraat 21, 2000 Antwerpen":                                               "Lange Nieuwstraat 21, 2000 Antwerpen",
		"osiedle słoneczne pięć przez osiem":                                                       "osiedle słoneczne pięć przez osiem",
		"kerkstraat veertien bus drie negen duizend gent":                                          "kerkstraat veertien bus drie negen duizend gent",
		"the address is nine b camden passage london n one eight e a":                              "nine b camden passage london n one eight e a",
		"das paket an hinter den höfen zwölf in zwei eins drei drei fünf lüneburg":                 "hinter den höfen zwölf in zwei eins drei drei fünf lüneburg",
		"calle de la luna doce tercero derecha veintiocho cero cero cuatro madrid":                 "calle de la luna doce tercero derecha veintiocho cero cero cuatro madrid",
		"ulica lipowa czternaście mieszkania sześć zero dwa pięćset trzydzieści dziewięć warszawa": "ulica lipowa czternaście mieszkania sześć zero dwa pięćset trzydzieści dziewięć warszawa",
		"j'habite au douze rue de la liberté à nantes merci":                                       "douze rue de la liberté à nantes",
	} {
		require.Equal(t, []string{want}, found(t, pii.Address, pii.Request{Text: text}), text)
	}
	for _, text := range []string{"WE STAYED IN 2018, 2022 AND", "we stayed there in 2019, 2021 and 2023", "Platz 5 in der Bar"} {
		require.Empty(t, found(t, pii.Address, pii.Request{Text: text}), text)
	}
}

func TestPricesAndDaysAreNoNumbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"son 2.349,90 en total", "two hundred, two fifty, three hundred", "from 14 05 2027", "at 12 30 13 00 13 30"} {
		require.Empty(t, found(t, pii.NumberSequence, pii.Request{Text: text}), text)
	}
	require.NotEmpty(t, found(t, pii.NumberSequence, pii.Request{Text: "it was 48213977"}))
}

func TestTheQuestionBesideTheTextRaisesItsAnswer(t *testing.T) {
	t.Parallel()
	for question, test := range map[string]struct {
		text, want string
		kind       pii.Type
	}{
		"May I have your surname please?":                       {"Brockhage", "Brockhage", pii.Person},
		"Quel est votre nom de famille ?":                       {"Guilloux", "Guilloux", pii.Person},
		"Jak brzmi pani nazwisko?":                              {"Zawadzki", "Zawadzki", pii.Person},
		"What's the best phone number?":                         {"seven nine one one one two", "seven nine one one one two", pii.Phone},
		"What is your address?":                                 {"the old forge in little wenham", "the old forge in little wenham", pii.Address},
		"Do you have any allergies?":                            {"yes, shellfish", "shellfish", pii.Health},
		"Gibt es Allergien oder Unverträgliches? unverträglich": {"ja, nüsse und milch", "nüsse und milch", pii.Health},
	} {
		require.Equal(t, []string{test.want}, found(t, test.kind, pii.Request{Text: test.text, Context: []string{question}}), question)
		require.Empty(t, found(t, test.kind, pii.Request{Text: "no thanks", Context: []string{question}}), question)
	}
}
