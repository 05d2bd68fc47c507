package pii

import "strings"

// kinWords say with an owner before them that somebody of the guest's follows:
// "my daughter", "meine Frau".
const kinWords = `daughter son wife husband partner mother father sister brother friend colleague boss girlfriend boyfriend fiancé fiancée fiance fiancee mum mom mummy dad daddy niece nephew cousin aunt auntie uncle
assistant secretary guest grandmother grandfather grandma grandpa granny nan grandson granddaughter stepson stepdaughter stepmother stepfather twin neighbour neighbor flatmate roommate manager spouse carer nanny driver teammate
tochter sohn frau mann mutter vater schwester bruder freund freundin kollege kollegin kollegen chef chefin nichte neffe neffen tante onkel oma opa großmutter großvater partnerin verlobte verlobter verlobten assistentin assistent
ehemann ehefrau gatte gattin lebensgefährte lebensgefährten lebensgefährtin lebenspartner lebenspartnerin schwiegermutter schwiegervater schwiegersohn schwiegertochter schwager schwägerin enkel enkelin enkelkind cousine nachbar nachbarin
sekretärin begleitung begleiter begleiterin mama papa kumpel bekannter bekannte mitarbeiter mitarbeiterin
fille fils femme mari mère père sœur soeur frère ami amie collègue compagne compagnon conjoint conjointe épouse époux copine copain assistante assistant maman patron patronne nièce neveu tante oncle
grand-mère grand-père mamie papi beau-frère voisin voisine fiancé fiancée secrétaire filleul filleule marraine parrain
hija hijo mujer marido madre padre hermana hermano amigo amiga compañera compañero esposa esposo pareja novia novio jefe jefa prima primo suegra suegro cuñada cuñado sobrina sobrino abuela abuelo nieta nieto tía tío
yerno nuera prometida prometido secretaria secretario mamá papá colega vecina vecino ahijada ahijado
figlia figlio moglie marito sorella fratello amico amica collega compagna compagno fidanzata fidanzato suocera suocero cognata cognato nipote nonna nonno zia zio cugina cugino genero nuora mamma papà socio socia segretaria ragazza ragazzo
dochter zoon vrouw man moeder vader zus zusje broer broertje vriend vriendin collega baas echtgenoot echtgenote nicht nichtje neef neefje schoonmoeder schoonvader schoonzoon schoondochter schoonzus zwager oma opa kleinzoon kleindochter
verloofde buurman buurvrouw maat
córka córką córkę córki córce syn synem syna synowi żona żoną żonę żony żonie mąż mężem męża mężowi mama mamą mamy tata tatą siostra siostrą siostrę siostry brat bratem brata kolega kolegą kolegi koleżanka koleżanką koleżanki
partner partnerem partnera partnerka partnerką partnerki szef szefem szefa szefowa narzeczony narzeczonym narzeczona narzeczoną teściowa teściową teść teściem babcia babcią dziadek dziadkiem dziadka wnuk wnukiem wnuka wnukowi wnuczka wnuczką wnuczki wnuczkę babci babcię teściowej teścia narzeczonego narzeczonej przyjaciela przyjaciółki chłopaka dziewczyny szwagra kuzyna kuzynki siostrą cioci wujka córek przyjaciel przyjacielem
przyjaciółka przyjaciółką chłopak chłopakiem dziewczyna dziewczyną szwagier szwagrem ciocia wujek kuzyn kuzynka chłopiec`

var (
	owners = nameSet(`my his her our their your meine mein meinen meinem meiner seine seinen seinem seiner ihre ihren ihrem unsere unser unserer deine
mon ma mes son sa notre nos votre leur mi mis su sus nuestra nuestro mio mia suo sua nostro nostra mijn zijn haar onze ons jouw mój moja moją moim mojej mojego mojemu mój nasz nasza naszej naszego naszą swoją swoim swojego swojej`)
	// polishKin need no owner: their case after "with" or "for" tells it.
	polishKin   = nameSet(`z ze dla od`)
	polishCases = nameSet(`córką córki synem syna żoną żony mężem męża mamą mamy tatą siostrą siostry bratem brata kolegą koleżanką partnerem partnerką szefem narzeczonym narzeczoną teściową teściem babcią dziadkiem wnukiem wnuczką
przyjacielem przyjaciółką chłopakiem dziewczyną szwagrem`)
	// kinKinds stand between an owner and the word: "my older sister", "ma petite
	// fille".
	kinKinds = nameSet(`little older elder younger eldest youngest big best dear good old new ex late future step half twin kleine kleiner kleinen große großer großen ältere älterer jüngere jüngerer jüngste jüngster beste bester besten zukünftige
petite petit grande grand meilleure meilleur belle beau demi future futur ex mayor menor pequeña pequeño mejor futura futuro piccola piccolo maggiore minore migliore miglior cara caro
oudste jongste beste lieve toekomstige schoon starsza starszą starszy starszym młodsza młodszą młodszy młodszym najlepszy najlepszym najlepsza najlepszą`)
	germanOwners = nameSet("meine mein meinen meinem meiner seine seinen seinem seiner ihre ihren ihrem unsere unser unserer deine")
)

// kin tells whether token i is such a word, with its owner before it.
func (s *scan) kin(i int) bool {
	l := s.lexeme(i)
	if i == 0 || l == nil || l.flags&isKin == 0 {
		return false
	}
	return s.owner(i) >= 0 || polishCases[s.tokens[i].fold] && polishKin[s.tokens[i-1].fold]
}

// owner gives the token of the owner before the word of kin at token i, or -1.
func (s *scan) owner(i int) int {
	for at := i - 1; at >= 0 && at >= i-3; at-- {
		switch t := &s.tokens[at]; {
		case t.kind == word && owners[t.fold]:
			return at
		case t.fold != "-" && !kinKinds[t.fold]:
			return -1
		}
	}
	return -1
}

// kinEnd gives the token behind the word of kin at token i: "mother-in-law".
func (s *scan) kinEnd(i int) int {
	end := i + 1
	for _, w := range [...]string{"in", "law"} {
		if end < len(s.tokens) && s.tokens[end].fold == "-" {
			end++
		}
		if end >= len(s.tokens) || s.tokens[end].fold != w {
			return i + 1
		}
		end++
	}
	return end
}

// kinAt takes the name of somebody whom the guest spoke of, behind the word of
// kin at token i. What stands there may as well be what they do, so more is
// asked of it than of a title's name.
func (s *scan) kinAt(i int) {
	at := s.kinEnd(i)
	apart := at < len(s.tokens) && s.tokens[at].fold == ","
	if apart {
		at++
	}
	if at >= len(s.tokens) || s.tokens[at].kind != word {
		return
	}
	if l := s.lexeme(at); l != nil && l.flags&isTitle != 0 {
		at = s.skip(at)
	}
	end, parts, given, capitals := s.takeName(at)
	owner := s.owner(i)
	german := owner >= 0 && germanOwners[s.tokens[owner].fold]
	switch {
	case parts == 0 || s.placeBehind(end) || s.placeBehind(end-1):
		return
	case s.known.cased && (capitals != parts || !given && parts == 1 && german):
		return // a German noun has a capital too
	case apart && !given && parts == 1 && !s.ends(end):
		return
	case !s.known.cased && !given && (apart || !(parts > 1 && s.ends(end) && !verbal(s.tokens[at].fold))):
		return
	}
	s.person(at, end, 0.75, "whose name it is stands before it", FromCue)
	s.alsoNamed(end)
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
	at := i - 1
	if at > 0 && articled[s.tokens[at].fold] && amWords[s.tokens[at-1].fold] {
		return s.ends(i + 2) // "ich bin die frau"
	}
	return i > 0 && s.tokens[at].kind == word && announcing[s.tokens[at].fold] && s.ends(i+2)
}

var (
	articled = nameSet("the der die den la el le il lo de")
	amWords  = nameSet("bin ist soy es sono suis est ben is è to jest was war era fue heißt wird")
)

// alsoNamed takes the names that stand in a row with one that ends before token
// at: "Mark, Sue and the kids".
func (s *scan) alsoNamed(at int) {
	for n := 0; n < 4 && at+1 < len(s.tokens) && (s.tokens[at].fold == "," || rowWords[s.tokens[at].fold]); n++ {
		if s.tokens[at].fold == "," && rowWords[s.tokens[at+1].fold] {
			at++
		}
		at++
		end, parts, given, capitals := s.takeName(at)
		if parts == 0 || !given || s.known.cased && capitals != parts || !s.known.cased && parts > 1 && !(parts == 2 && s.ends(end)) || s.placeBehind(end) {
			return
		}
		s.person(at, end, 0.7, "it stands in a row of names", FromCue)
		at = end
	}
}

var rowWords = nameSet("and und et y e en i oraz")

// besideMe takes the one name that stands in a row with the speaker at the
// "and" at token i: "Blandine et moi", "io e Domitilla".
func (s *scan) besideMe(i int) {
	if i == 0 || i+1 >= len(s.tokens) {
		return
	}
	switch s.tokens[i].fold { // the words of a row, without a look into a table: every short word is asked
	case "and", "und", "et", "y", "e", "en", "i", "oraz":
	default:
		return
	}
	at := i - 1
	if meWords[s.tokens[at].fold] && !meWords[s.tokens[i+1].fold] {
		at = i + 1
	} else if !meWords[s.tokens[i+1].fold] {
		return
	}
	for at > 0 && at < i && s.tokens[at-1].kind == word && s.known.cased && s.capital(at-1) && !s.opens(at-1) {
		at--
	}
	end, parts, given, capitals := s.takeName(at)
	if parts == 0 || at < i && end != i || s.placeBehind(end) || s.placeBehind(end-1) || s.namesThing(at, end) {
		return
	}
	if s.isGiven(at) && (!s.known.cased || capitals == parts) || s.known.cased && given && capitals == parts {
		if !s.known.cased && at > i {
			end = at + 1
		}
		s.person(at, end, 0.7, "the speaker stands in a row with it", FromCue)
	}
}

var meWords = nameSet("me myself ich mir mich moi yo io ik ja")

var announcing = nameSet("ist hier für bei mit an is it's for to with und and es por don soy met voor")
