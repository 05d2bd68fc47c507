package pii

import "strings"

// asks are the words of an agent's question that ask for a type, in seven
// languages: parts of words, for German joins them. The first type whose word
// stands in the question is asked for; so the narrow ones stand first.
var asks = [...]struct {
	kind  Type
	words []string
}{
	{CVV, strings.Split("security code|cvv|cvc|three digits|digits on the back|prüfnummer|prüfziffer|sicherheitscode|kartenprüf|code de sécurité|cryptogramme|trois chiffres|código de seguridad|tres cifras|tres dígitos|codice di sicurezza|tre cifre|beveiligingscode|drie cijfers|veiligheidscode|kod z tyłu|kod zabezpieczający|trzy cyfry", "|")},
	{CardExpiry, strings.Split("expiry|expiration|expire|valid until|gültig|ablaufdatum|date d'expiration|expire|caducidad|caduca|vence|scadenza|scade|vervaldatum|verloopt|ważności|ważna", "|")},
	{IBAN, strings.Split("iban|account|konto|kontonummer|compte|cuenta|conto |rekening", "|")},
	{CreditCard, strings.Split("card number|credit card|long number|number on the front|kartennummer|kreditkarte|numéro de votre carte|carte bancaire|carte de crédit|número de la tarjeta|número de tarjeta|tarjeta de crédito|numero della carta|carta di credito|kaartnummer|creditcard|numer karty|karty kredytowej", "|")},
	{Email, strings.Split("e-mail|email|mail address|mailadres|correo|courriel|posta elettronica|adres e-mail", "|")},
	{Phone, strings.Split("phone|calling from|contact number|number to call|call you back|mobile|telefon|rückruf|zurückrufen|handynummer|erreichen|téléphone|joindre|rappeler|portable|teléfono|llamar|móvil|richiamare|telefonico|telefono|cellulare|recapito|telefoonnummer|bereikbaar|terugbellen|mobiel|oddzwonić|numer kontaktowy|komórk", "|")},
	{DateOfBirth, strings.Split("date of birth|born|birthday|geburtsdatum|geboren|date de naissance|né |née |fecha de nacimiento|nació|data di nascita|nato|nata|geboortedatum|data urodzenia|urodził", "|")},
	{Passport, strings.Split("passport|reisepass|passnummer|passeport|pasaporte|passaporto|paspoort|paszport", "|")},
	{IdentityCard, strings.Split("identity card|id card|personalausweis|ausweisnummer|carte d'identité|documento de identidad|dni|carta d'identità|identiteitskaart|dowodu|dowód", "|")},
	{LicensePlate, strings.Split("plate|registration number of|number of your car|kennzeichen|immatriculation|matrícula|targa|kenteken|rejestracyjny", "|")},
	{BookingRef, strings.Split("confirmation number|booking reference|booking number|booking code|reservation number|reservierungsnummer|buchungsnummer|bestätigungsnummer|numéro de confirmation|numéro de réservation|número de reserva|localizador|numero di conferma|numero di prenotazione|boekingsnummer|reserveringsnummer|numer potwierdzenia|numer rezerwacji", "|")},
	{LoyaltyNumber, strings.Split("loyalty|membership|member number|kundenkarte|mitgliedsnummer|fidélité|número de socio|fidelización|tessera|klantenkaart|lidmaatschap|stałego klienta", "|")},
	{Address, strings.Split("address|where do you live|anschrift|adresse|dirección|indirizzo|adres|postcode", "|")},
	{Person, strings.Split("your name|surname|last name|first name|family name|full name|maiden name|guest name|who is calling|who's calling|name please|nachname|familienname|vorname|nom de famille|prénom|à quel nom|apellido|nombre completo|a nombre de|cognome|a nome di|achternaam|voornaam|op naam|imię|nazwisk|na jakie|who am i speaking|whose name|what name|name of the|spell|mit wem spreche|ihr name|auf welchen namen|buchstabier|quel nom|votre nom|épeler|qui est à l'appareil|nombre de quién|su nombre|con quién hablo|deletre|che nome|suo nome|con chi parlo|lettera per lettera|wie spreek|uw naam|welke naam|spellen|z kim rozmawiam|nazwisko|przeliter", "|")},
	{Health, strings.Split("allerg|dietary|medical condition|intoleran|wheelchair|unverträglich|gesundheitlich|régime|médica|alérg|alergi|dieet|uczule|zdrowot", "|")},
}

// Asked tells what an agent's question asks for, so that the guest's answer is
// read as that: Request.Expect. It gives nil where it asks for nothing
// personal.
func Asked(question string) []Type {
	if len(question) > 1024 {
		question = question[len(question)-1024:]
	}
	question = strings.ToLower(question)
	for _, a := range asks {
		for _, w := range a.words {
			if strings.Contains(question, w) {
				return []Type{a.kind}
			}
		}
	}
	return nil
}

// askedBeside reads what stands beside the text as a question: what it asks for
// is expected.
func (s *scan) askedBeside() {
	for _, question := range s.request.Context {
		if strings.ContainsRune(question, ' ') {
			s.asks = append(s.asks, Asked(question)...)
		}
	}
}

// answers takes what was asked for and has no form of its own: the name of a
// house, what somebody is allergic to.
func (s *scan) answers() {
	switch {
	case len(s.asks) == 0 || len(s.words()) == 0:
	case s.expects(Health):
		s.answerOf(Health, "health was asked for", 1)
	case s.expects(Address):
		s.answerOf(Address, "an address was asked for", 2)
	}
}

// maxAnswer bounds how many words are taken for an answer.
const maxAnswer = 14

// answerOf takes the words of weight in the first sentence, where there are at
// least so many and the guest did not say no.
func (s *scan) answerOf(kind Type, reason string, least int) {
	first, last, weight := -1, -1, 0
	for i := 0; i < len(s.tokens) && i < maxAnswer; i++ {
		t := &s.tokens[i]
		if t.kind != word {
			if i > 0 && (t.fold == "?" || t.fold == "!" || t.fold == ".") {
				break
			}
			continue
		}
		if i < 3 && noWords[t.fold] {
			return
		}
		if l := s.lexeme(i); len(t.fold) < 3 || l != nil && l.flags&(isPlain|isFiller|isParticle) != 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		weight++
	}
	if weight < least || s.hasKind(kind) || s.asksBack() {
		return
	}
	for first > 0 && withHouse[s.tokens[first-1].fold] {
		first--
	}
	s.add(finding{
		kind: kind, start: s.tokens[first].start, end: s.tokens[last].end, score: 0.5,
		source: FromExpectation, rank: rankContext, reason: reason,
	})
}

// asksBack tells whether the guest asks something himself.
func (s *scan) asksBack() bool { return s.tokens[len(s.tokens)-1].fold == "?" }

func (s *scan) hasKind(kind Type) bool {
	for i := range s.found {
		if s.found[i].kind == kind {
			return true
		}
	}
	return false
}

var (
	noWords   = nameSet("no not none nothing nope nein nicht keine non pas aucun aucune rien ninguna ninguno nada nessuna nessun niente nee geen niet nie żadnych why warum pourquoi waarom dlaczego perché")
	withHouse = nameSet("the old new la le les los las el il lo het de der die das am im zum zur upper lower little great")
)

func (s *scan) expects(t Type) bool {
	for _, e := range s.asks {
		if e == t {
			return true
		}
	}
	return false
}
