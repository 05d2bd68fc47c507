package pii

import "strings"

// owners and kinWords together say that somebody of the guest's follows: "my
// daughter", "meine Frau".
var (
	owners = nameSet(`my his her our their your meine mein meinen meinem meiner seine seinen seinem seiner ihre ihren ihrem unsere unser unserer deine
mon ma mes son sa notre nos votre leur mi mis su sus nuestra nuestro mio mia suo sua nostro nostra mijn zijn haar onze ons jouw mój moja moją moim mojej mojego mojemu nasz nasza`)
	germanOwners = nameSet("meine mein meinen meinem meiner seine seinen seinem seiner ihre ihren ihrem unsere unser unserer deine")
	kinWords     = nameSet(`daughter son wife husband partner mother father sister brother friend colleague boss girlfriend boyfriend fiancé fiancée mum mom dad niece nephew cousin aunt uncle assistant secretary guest grandmother grandfather grandson granddaughter
tochter sohn frau mann mutter vater schwester bruder freund freundin kollege kollegin kollegen chef chefin nichte neffe tante onkel oma opa partnerin verlobte verlobter assistentin
fille fils femme mari mère père sœur soeur frère ami amie collègue compagne compagnon conjoint épouse époux copine copain cousine assistante
hija hijo mujer marido madre padre hermana hermano amigo amiga compañera compañero esposa esposo pareja novia novio jefe jefa prima primo
figlia figlio moglie marito sorella fratello amico amica collega compagna compagno fidanzata fidanzato
dochter zoon vrouw man moeder vader zus broer vriend vriendin collega partner baas echtgenoot echtgenote nicht neef
córka córką córkę syn synem syna żona żoną żonę mąż mężem męża mama tata siostra siostrą brat bratem kolega koleżanka partner partnerka szef`)
)

// kin tells whether token i is such a word, with its owner before it.
func (s *scan) kin(i int) bool {
	return i > 0 && s.tokens[i-1].kind == word && owners[s.tokens[i-1].fold] && kinWords[s.tokens[i].fold]
}

// kinAt takes the name of somebody whom the guest spoke of. What stands there
// may as well be what they do, so more is asked of it than of a title's name.
func (s *scan) kinAt(at int) {
	if at >= len(s.tokens) || s.tokens[at].kind != word {
		return
	}
	end, parts, given, capitals := s.takeName(at)
	switch {
	case parts == 0 || s.placeBehind(end) || s.placeBehind(end-1):
		return
	case s.known.cased && (capitals != parts || !given && parts == 1 && germanOwners[s.tokens[at-2].fold]):
		return // a German noun has a capital too
	case !s.known.cased && !given && !(parts > 1 && s.ends(end) && !verbal(s.tokens[at].fold)):
		return
	}
	s.person(at, end, 0.75, "whose name it is stands before it", FromCue)
}

// verbal tells by its ending whether a word is what somebody does: no language
// of the seven ends it otherwise than this behind "my wife".
func verbal(word string) bool {
	for _, ending := range [...]string{"s", "ed", "ing", "t", "en", "a", "e", "é", "ó", "i"} {
		if strings.HasSuffix(word, ending) {
			return ending != "e" || !strings.HasSuffix(word, "me")
		}
	}
	return false
}

// announced tells whether a title that is a common word too ("Frau") is one at
// token i: what stands before it says that a person is named.
func (s *scan) announced(i int) bool {
	return i > 0 && s.tokens[i-1].kind == word && announcing[s.tokens[i-1].fold] && s.ends(i+2)
}

var announcing = nameSet("ist hier für bei mit an is it's for to with und and es por don soy met voor")
