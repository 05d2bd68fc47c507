package pii

import (
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/numbers"
	"github.com/voicehive/voicehive/compliance/pii/spoken"
)

// judgeDigits judges the digits from start to end of the virtual text.
func (s *scan) judgeDigits(r *spoken.Run, start, end int, about topicSet) {
	text := strings.TrimPrefix(r.Text[start:end], "+")
	plus := len(text) < end-start
	if r.Extension > start && r.Extension < end {
		text = text[:len(text)-(end-r.Extension)]
	}
	n := len(text)
	switch {
	case n < 6:
		return
	case n >= 13 && n <= 19 && !plus && text[0] != '0' && validCard(text):
		s.say(r, start, end, CreditCard, 1, rankChecksum, "spoken digits with a right check digit")
		return
	}
	if looksLikeDate(text) && !plus && r.Groups <= 6 {
		if about.has(aboutBirth) || s.expects(DateOfBirth) {
			s.say(r, start, end, DateOfBirth, 0.8, rankContext, "spoken date beside words of birth")
			return
		}
		if !about.has(aboutPhone) && !s.expects(Phone) && r.Groups <= 4 {
			return
		}
	}
	if score := s.phoneScore(text, plus, r, about); score > 0 {
		rank := rankContext
		if score >= 0.8 {
			rank = rankStrong
		}
		s.say(r, start, end, Phone, score, rank, "spoken digits of a phone's length")
		return
	}
	if (r.Groups > 1 || n >= 7) && !s.price(r, text) {
		s.say(r, start, end, NumberSequence, 0.45, rankWeak, "six or more spoken digits in a row")
	}
}

// price tells whether a run is what something costs: an amount with its cents
// ("1.249,50"), or round sums one after the other ("two hundred, two fifty").
func (s *scan) price(r *spoken.Run, text string) bool {
	said := s.text[r.Start:r.End]
	if at := strings.IndexByte(said, ' '); at > 0 && isDigit(said[0]) {
		said = said[:at]
	}
	if n := len(said); n > 7 && isDigit(said[n-1]) && (said[n-3] == ',' || said[n-3] == '.') {
		first, groups := strings.IndexAny(said, ".,"), 0
		for at := first; at > 0 && at <= 3 && at+4*groups < n-3 && said[at+4*groups] == said[first] && said[first] != said[n-3]; {
			groups++
		}
		return groups > 0 && first+4*groups == n-3
	}
	if len(text)%3 != 0 || r.Groups*3 >= 2*len(text) || isDigit(said[0]) {
		return false
	}
	for i := 0; i < len(text); i += 3 {
		if text[i] == '0' || text[i+2] != '0' {
			return false
		}
	}
	return true
}

// phoneScore tells how surely digits are a phone number, 0 for not.
func (s *scan) phoneScore(text string, plus bool, r *spoken.Run, about topicSet) float64 {
	n := len(text)
	other := about.has(aboutCard) || about.has(aboutBank) || about.has(aboutBooking) || about.has(aboutPassport) ||
		about.has(aboutIdentity) || about.has(aboutLoyalty) || about.has(aboutTax) || about.has(aboutSocial)
	asked := s.expects(Phone) || about.has(aboutPhone)
	switch {
	case !plus && text[0] != '0' && n > 12 && !(n == 13 && text[0] == '4' && (text[1] == '9' || text[1] == '3') && international(text)):
		return 0 // it may be a card that was misheard
	case r.Corrected && n > 6 && n <= 22 && !other && (plus || asked || text[0] == '0'), r.Extension > 0 && n > 5 && n < 16:
		return 0.85 // how much a correction takes back is a guess
	case n > 17 || len(s.request.Expect) > 0 && !s.expects(Phone) && !plus:
		return 0
	case plus && n >= 7 && n <= 15, strings.HasPrefix(text, "00") && n >= 10 && text[2] != '0':
		return 0.9
	case asked && !other && n <= 15:
		return 0.85
	case asked && n >= 7 && n <= 13:
		return 0.6
	case other:
		return 0
	case text[0] == '0' && n >= 8 && n <= 13:
		return 0.75
	case r.Corrected && n >= 8 && n <= 12 && (text[0] < '3' || text[0] > '6'): // else it may be a card
		return 0.5
	}
	switch r.Language {
	case "de":
		if n >= 10 && n <= 12 && text[0] == '1' && text[1] >= '5' && text[1] <= '7' {
			return 0.5
		}
	case "fr", "nl":
		if n == 9 && (text[0] == '6' || text[0] == '7' && r.Language == "fr") && r.Groups >= 5 {
			return 0.45
		}
	case "es":
		if n == 9 && text[0] >= '6' || n == 8 && text[0] >= '6' && r.Groups >= 4 || n == 11 && strings.HasPrefix(text, "34") {
			return 0.65
		}
	case "pl":
		if n == 9 && text[0] >= '1' || n >= 7 && n <= 8 && r.Groups >= 4 || n == 11 && strings.HasPrefix(text, "48") {
			return 0.65
		}
	case "it":
		if n >= 9 && n <= 10 && text[0] == '3' || n == 12 && strings.HasPrefix(text, "39") {
			return 0.65
		}
	}
	if n >= 11 && n <= 13 && (strings.HasPrefix(text, "49") || strings.HasPrefix(text, "44") || strings.HasPrefix(text, "33") ||
		strings.HasPrefix(text, "31") || strings.HasPrefix(text, "43") || strings.HasPrefix(text, "41") || strings.HasPrefix(text, "39")) {
		return 0.6
	}
	if r.Language == "en" && (n == 10 && text[0] >= '2' || n == 11 && text[0] == '1' && text[1] >= '2' && text[4] >= '2') {
		return 0.5
	}
	return 0
}

// judgeLetters judges a spelled word.
func (s *scan) judgeLetters(r *spoken.Run, about topicSet) {
	if r.Letters < 3 {
		return
	}
	switch named := s.nameCue(r.First); {
	case s.expects(BookingRef) && !s.expects(Person), about.has(aboutBooking) && !named && r.Letters >= 5 && r.Letters <= 8:
		s.say(r, 0, len(r.Text), BookingRef, 0.6, rankContext, "letters spelled for a booking")
	case named, s.expects(Person):
		s.say(r, 0, len(r.Text), Person, 0.8, rankContext, "a name that is spelled")
	case r.Letters >= 5 && 2*r.Spelled >= r.Letters:
		s.say(r, 0, len(r.Text), Person, 0.5, rankWeak, "a word that is spelled")
	}
}

// judgeMixed judges letters and digits together, and the digits alone where they
// are many.
func (s *scan) judgeMixed(r *spoken.Run, about topicSet, known bool) {
	from := -1
	for i := 0; i <= len(r.Text); i++ {
		if i < len(r.Text) && (isDigit(r.Text[i]) || r.Text[i] == '+') {
			if from < 0 {
				from = i
			}
			continue
		}
		if from >= 0 && i-from >= 6 && !known && !about.has(aboutBooking) {
			s.judgeDigits(r, from, i, about)
			known = true
		}
		from = -1
	}
	switch {
	case known:
	case about.has(aboutPlate) || s.expects(LicensePlate):
		s.say(r, 0, len(r.Text), LicensePlate, 0.7, rankContext, "spoken letters and digits beside a car's words")
	case about.has(aboutBooking) || s.expects(BookingRef):
		s.say(r, 0, len(r.Text), BookingRef, 0.7, rankContext, "spoken letters and digits beside a booking's words")
	case r.Digits+r.Letters >= 6 && r.Letters <= r.Digits+6 && r.Letters > 1:
		s.say(r, 0, len(r.Text), BookingRef, 0.45, rankWeak, "spoken letters and digits")
	}
}

// looksLikeDate tells whether digits can be a day, a month and a year, or two
// years.
func looksLikeDate(text string) bool {
	day := func(d, m string) bool { return d >= "01" && d <= "31" && m >= "01" && m <= "12" }
	switch len(text) {
	case 6:
		return day(text[:2], text[2:4]) || text[1:3] >= "19" && text[1:3] <= "20" && text[0] != '0'
	case 7:
		return text[0] != '0' && (day("0"+text[:1], text[1:3]) || day(text[:2], "0"+text[2:3])) && isYear(text[3:])
	case 8:
		return isYear(text[4:]) && (day(text[:2], text[2:4]) || day(text[2:4], text[:2]) || isYear(text[:4]))
	}
	return false
}

func isYear(text string) bool { return text >= "1900" && text <= "2049" }

func validCard(text string) bool {
	valid, known := numbers.Valid(string(CreditCard), text)
	return valid && known
}

// papers are numbers that a word names and no form tells.
var papers = [...]struct {
	kind        Type
	ending      string
	about       topic
	least, most int
}{
	{Passport, "PASSPORT", aboutPassport, 6, 12},
	{IdentityCard, "IDENTITY_CARD", aboutIdentity, 6, 14},
	{DrivingLicence, "LICENCE", aboutLicence, 6, 18},
	{LoyaltyNumber, "LOYALTY_NUMBER", aboutLoyalty, 6, 16},
}

// paper notes a number as what was asked for, or what a word beside it says,
// where no form of the type that a country has fits it.
func (s *scan) paper(r *spoken.Run, about *topicSet) bool {
	if r.Text[0] == '+' || r.Extension > 0 || r.Digits < 4 || s.expects(Phone) {
		return false
	}
	for _, p := range papers {
		asked := false
		for _, e := range s.request.Expect {
			asked = asked || strings.HasSuffix(string(e), p.ending)
		}
		if n := r.Digits + r.Letters; !asked && (!about.has(p.about) || about.has(aboutPhone)) || n < p.least || n > p.most {
			continue
		}
		s.say(r, 0, len(r.Text), p.kind, 0.6, rankContext, "spoken letters and digits beside a word that names them")
		return true
	}
	return false
}
