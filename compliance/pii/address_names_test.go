package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

func TestAddressesWithNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ich wohne Straße des 17. Juni 135, 10623 Berlin":               "Straße des 17. Juni 135, 10623 Berlin",
		"c'est au 12 rue du 8 mai 1945, 69100 Villeurbanne":             "12 rue du 8 mai 1945, 69100 Villeurbanne",
		"wir wohnen in der Parkstraße Nummer acht":                      "Parkstraße Nummer acht",
		"i live at number eight park road":                              "number eight park road",
		"j'habite au numéro huit rue Pasteur":                           "numéro huit rue Pasteur",
		"c'est au quinze allée des acacias":                             "quinze allée des acacias",
		"j'habite lieu-dit Les Charmes, 24220 Saint-Cyprien":            "lieu-dit Les Charmes, 24220 Saint-Cyprien",
		"l'adresse c'est lieu-dit La Grange":                            "lieu-dit La Grange",
		"vivo en la urbanización los olivos, casa 14":                   "urbanización los olivos, casa 14",
		"abito in località Poggio Alto 3, 53024 Montalcino":             "località Poggio Alto 3, 53024 Montalcino",
		"la dirección es Finca La Encina s/n, 41560 Estepa":             "Finca La Encina s/n, 41560 Estepa",
		"my address is Rose Cottage, Mill Lane, Bibury, GL7 5NL":        "Rose Cottage, Mill Lane, Bibury, GL7 5NL",
		"we live at The Old Rectory, Church Lane, Lower Slaughter":      "The Old Rectory, Church Lane, Lower Slaughter",
		"Send it to Honeysuckle House, Long Street, Tetbury GL8 8AA":    "Honeysuckle House, Long Street, Tetbury GL8 8AA",
		"mijn adres is Huize Zonnehoek, Bosweg 2, 6711 Ede":             "Huize Zonnehoek, Bosweg 2, 6711 Ede",
		"stuur maar naar Oudegracht 218-bis, 3511 NR Utrecht":           "Oudegracht 218-bis, 3511 NR Utrecht",
		"es calle de la Princesa 31, tercero izquierda, 28008 Madrid":   "calle de la Princesa 31, tercero izquierda, 28008 Madrid",
		"abito in Via Aldo Moro 12/B, 40127 Bologna":                    "Via Aldo Moro 12/B, 40127 Bologna",
		"the invoice to Unit 7, Castle Business Park, Stirling FK9 4TZ": "Unit 7, Castle Business Park, Stirling FK9 4TZ",
		"mieszkam na Polnej numer osiem":                                "Polnej numer osiem",
	} {
		require.Equal(t, []string{want}, found(t, pii.Address, pii.Request{Text: text}), text)
	}
	for _, text := range []string{
		"we had a lovely time at the Mill, 3 nights", "la résidence est calme, 3 chambres", "Haus Nummer 3 im Garten bitte", "arriviamo il 4 novembre alle 3",
		"La Finca está cerca, Casa Rural, 3 noches", "Manor House station, 2 stops from here", "we live in Lower Slaughter",
	} {
		require.Empty(t, found(t, pii.Address, pii.Request{Text: text}), text)
	}
	spans := found(t, pii.Person, pii.Request{Text: "It's Anna Lee, 14 Larkspur Close, Stockport SK4 2DP"})
	require.Equal(t, []string{"Anna Lee"}, spans, "who lives there is no part of the address")
}
