package pii

// bookedUnder takes a name between a preposition and the word at token i that
// says what was done under it: "auf Kowalczyk gebucht".
func (s *scan) bookedUnder(i int) {
	if i+2 < len(s.tokens) && underWords[s.tokens[i+1].fold] {
		s.nameAfter(i+2, weakCue) // "réservé sous Lescure"
		return
	}
	at := i - 1
	for at > 0 && i-at < 5 && !underWords[s.tokens[at].fold] {
		at--
	}
	if at < 0 || !underWords[s.tokens[at].fold] || at+1 == i {
		return
	}
	end, parts, given, capitals := s.takeName(at + 1)
	if end != i || parts == 0 || parts > 3 || s.placeBehind(i-1) {
		return
	}
	if given || s.known.cased && capitals == parts || !s.known.cased && s.lexeme(i-1) == nil {
		s.person(at+1, end, 0.7, "it stands where names of bookings do", FromCue)
	}
}

// underWords are prepositions before the name of a booking.
var underWords = nameSet("auf unter op onder na under sous bajo sotto")

// saidFirst tells whether a text without capitals begins with a first name and
// an unknown word behind it, and goes on as callers do who have said their name.
func (s *scan) saidFirst(at, end, parts int) bool {
	if parts > 0 && at > 0 && s.isGiven(at) && at+1 < len(s.tokens) && selfWords[s.tokens[at+1].fold] && end == at+1 && (!s.known.cased || s.capital(at)) {
		return true // "oui sylvain j'ai réservé"
	}
	if s.known.cased || parts != 2 || end != at+2 || !s.isGiven(at) || s.lexeme(at+1) != nil || len(s.tokens[at+1].fold) < 3 {
		return false
	}
	if end < len(s.tokens) && amWords[s.tokens[end].fold] {
		return false // of whom something is said, and who does not speak
	}
	return end >= len(s.tokens) || s.tokens[end].kind == punct || selfWords[s.tokens[end].fold] || greetings[s.tokens[end].fold] || s.tellsWhy(end)
}

// selfWords are those with which callers go on behind their name.
var selfWords = nameSet(`i j je ich ik hätte habe wollte möchte tengo quería quisiera llevo ho vorrei volevo avrei mam chciałem chciałam chciałabym chciałbym proszę`)

// saidInFull takes the last name behind a first name that was introduced alone
// and is said again: "it's patrick here, patrick o'hanlon".
func (s *scan) saidInFull() {
	if s.known.cased || len(s.tokens) > mostSaidAgain {
		return
	}
	for n := len(s.known.names) - 1; n >= 0; n-- {
		for i := range s.tokens {
			if s.tokens[i].fold != s.known.names[n] {
				continue
			}
			if end, parts, _, _ := s.takeName(i); parts == 2 && s.ends(end) && s.lexeme(end-1) == nil && !s.placeBehind(end) {
				s.person(i, end, 0.7, "a first name that was introduced, with a name behind it", FromCue)
			}
		}
	}
}

// mostSaidAgain bounds the tokens of a text that is looked through for that.
const mostSaidAgain = 256
