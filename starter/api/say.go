package api

import (
	"strings"

	"golang.org/x/text/language"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
)

// languages are those that hotels' calls are in, the default first. A phrase
// has its texts in this order.
var languages = []language.Tag{
	language.English, language.German, language.French, language.Spanish,
	language.Italian, language.Dutch, language.Polish,
}

var matcher = language.NewMatcher(languages)

// maxAcceptLanguage bounds what is parsed of the header.
const maxAcceptLanguage = 200

// chosen is the index in languages that fits an Accept-Language header best.
func chosen(acceptLanguage string) int {
	if acceptLanguage == "" || len(acceptLanguage) > maxAcceptLanguage {
		return 0
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return 0
	}
	_, index, _ := matcher.Match(tags...)
	return index
}

// say is the sentence to speak to a caller about a problem. When the room is
// gone and another can be had, it offers the first.
func say(acceptLanguage, code string, alternatives []pms.Offer) string {
	i := chosen(acceptLanguage)
	text := phraseOf(code)[i]
	if code != starter.SoldOut.Code || len(alternatives) == 0 || alternatives[0].RoomType.Name == "" {
		return text
	}
	first := alternatives[0]
	total := first.PayableTotal
	if total.IsZero() {
		total = first.Total
	}
	offer := strings.NewReplacer("{room}", first.RoomType.Name, "{total}", spoken(total, i)).Replace(phraseAlternative[i])
	return text + " " + offer
}

// spoken writes an amount as a voice reads it well: without empty cents, and
// with the language's decimal sign.
func spoken(m pms.Money, index int) string {
	amount := strings.TrimSuffix(m.Decimal(), ".00")
	if languages[index] != language.English {
		amount = strings.Replace(amount, ".", ",", 1)
	}
	return amount + " " + m.Currency
}
