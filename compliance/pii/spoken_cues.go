package pii

import "strings"

// Words that lead to what hardly any number says by itself, as bits of
// spoken.Lexicon.Mark. They stand here whole, for the reader looks words up and
// not their beginnings.
const (
	cueBirth    uint16 = 1 << iota
	cueExpiry          // of a card
	cueCVV             // says it alone
	cueCode            // "code": with a word of cards
	cueCard            // a card, or where on it
	cuePostCode        // the number of a town
	cueAddress         // somebody lives somewhere
	cueStreet          // part of a street's name
	cuePaper           // a voucher or a passport: what ends with it is no card
	cueSpell           // somebody spells
)

var spokenCues = [...]struct {
	bit   uint16
	words string
}{
	{cueBirth, `born birth birthday birthdate dob geboren geborene geburtsdatum geburtstag geburt geb jahrgang né née nés naissance anniversaire nací nació nacido nacida
		nacimiento cumpleaños nato nata nati nascita compleanno geboortedatum geboorte verjaardag jarig urodzenia urodziłem urodziłam urodził urodziła urodzony
		urodzona urodziny urodzin`},
	{cueExpiry, `expires expiry expire expiring runs thru expiration exp valid gültig gültigkeit ablauf ablaufdatum verfallsdatum verfall läuft expiration expire valable validité échéance
		caduca caducidad vence vencimiento válida valida scade scadenza valida validità vervaldatum verloopt vervalt geldig houdbaar ważna ważności ważność ważny wygasa`},
	{cueCVV, `cvv cvc cvv2 cvc2 prüfnummer prüfziffer sicherheitscode sicherheitsnummer kartenprüfnummer kartenprüfziffer prüfcode sicherheitsziffer cryptogramme seguridad sicurezza
		sécurité security beveiligingscode veiligheidscode controlecode controlegetal verificatiecode zabezpieczający zabezpieczenia bezpieczeństwa`},
	{cueCode, `code codes digits number kod kodu código codice ziffern zahlen zahl nummer chiffres chiffre cifras dígitos números cifre numeri cijfers nummer cyfry cyfr numerek`},
	{cueCard, `card cards visa mastercard amex back front reverse karte kreditkarte rückseite hinten vorne carte dos verso recto tarjeta reverso detrás atrás dorso carta
		retro dietro kaart creditcard derrière behind achterkant achterop achterzijde karty karta kartę tyłu odwrocie rewersie`},
	{cuePostCode, `postcode zip zipcode plz postleitzahl postal postale cap pocztowy pocztowym`},
	{cueAddress, `address live lives living adresse anschrift wohne wohnen wohnt wohnhaft wohnadresse rechnungsadresse rechnungsanschrift habite habitons habitant domicile
		demeure dirección domicilio vivo vive vivimos indirizzo abito abitiamo abita residente residenza adres woon wonen woont woonachtig mieszkam mieszka mieszkamy
		zamieszkały zamieszkała zameldowany adresem`},
	{cueStreet, `ulicę osiedlu osiedla allée allées chaussée résidence callejón travesía urbanización`},
	{cuePaper, `voucher gift passport ticket offer coupon gutschein pass reisepass angebot visum bon cadeau passeport billet offre vale pasaporte oferta billete buono
		passaporto offerta biglietto cadeaubon paspoort aanbieding bilet paszport oferta dowód bon karnet`},
	{cueSpell, `spelled spelt spell spelling buchstabiere buchstabiert geschrieben épelle épelez deletreo deletrea escribe scrive sillabo spel spelt gespeld literuję
		przeliteruję pisze`},
}

func markCues(mark func(word string, bit uint16)) {
	for _, c := range spokenCues {
		for w := range strings.FieldsSeq(c.words) {
			mark(w, c.bit)
		}
	}
	for w, is := range streetFlagsOf {
		if is&(startsStreet|englishStreet|frenchStreet) != 0 {
			mark(w, cueStreet)
		}
	}
}

// cueBefore tells whether a marked word stands among the few tokens before at,
// in the same sentence.
func (s *scan) cueBefore(at, reach int, bits uint16) bool {
	return s.ledBy(at, reach, bits) >= 0
}

// ledBy gives the nearest marked word before at, or -1.
func (s *scan) ledBy(at, reach int, bits uint16) int {
	for i := at - 1; i >= 0 && i >= at-reach; i-- {
		if t := &s.tokens[i]; t.kind == punct && (t.fold == "?" || t.fold == "!" || t.fold == "." && i+1 < at-reach/2) {
			return -1
		}
		if s.marksAt(i)&bits != 0 {
			return i
		}
	}
	return -1
}

// marksAt gives the bits of the word at token i, or of the two or three that
// end with it.
func (s *scan) marksAt(i int) uint16 {
	bits := s.spoken.reader.MarksOf(i)
	switch t := &s.tokens[i]; {
	case t.fold == "code" && i > 0 && (s.tokens[i-1].fold == "post" || s.tokens[i-1].fold == "zip"):
		bits |= cuePostCode
	case bits&cueCode != 0 && i > 0 && threes[s.tokens[i-1].fold]:
		bits |= cueCVV // "the three digits"
	case (t.fold == "through" || t.fold == "until" || t.fold == "till") && i > 0 && s.tokens[i-1].fold == "good":
		bits |= cueExpiry
	case t.fold == "b" && i > 3 && s.tokens[i-2].fold == "o" && s.tokens[i-4].fold == "d",
		t.fold == "b" && i > 1 && s.tokens[i-1].fold == "o" && s.tokens[i-2].fold == "d":
		bits |= cueBirth // D.O.B.
	}
	return bits
}

// spokenAsked gives the bits of what the agent asked for, and of the request's
// context.
func (s *scan) spokenAsked() uint16 {
	var bits uint16
	for _, t := range s.request.Expect {
		switch t {
		case DateOfBirth:
			bits |= cueBirth
		case CardExpiry:
			bits |= cueExpiry
		case CVV:
			bits |= cueCVV
		case Address:
			bits |= cueAddress
		case PostCode:
			bits |= cuePostCode
		}
	}
	for _, c := range s.request.Context {
		about := contextWords.around(c, len(c), len(c))
		for _, row := range [...]struct {
			about topic
			bit   uint16
		}{{aboutBirth, cueBirth}, {aboutExpiry, cueExpiry}, {aboutCVV, cueCVV}, {aboutAddress, cueAddress}, {aboutPostCode, cuePostCode}} {
			if about.has(row.about) {
				bits |= row.bit
			}
		}
	}
	return bits
}

// threes are how many digits a security code has.
var threes = streetWords("three drei trois tres tre drie trzy")
