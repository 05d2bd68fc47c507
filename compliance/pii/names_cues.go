package pii

// A cue is what introduces a name. Words are as the tokens are, so "I'm" is
// three.
type cueKind uint8

const (
	// strongCue says that a name follows: "my name is".
	strongCue cueKind = iota
	// weakCue says that a name may follow: "this is".
	weakCue
	// vagueCue says so little that only a first name is taken: "it's".
	vagueCue
	// phoneCue says, at the start of what is said, who is speaking: "met".
	phoneCue
)

// cueTexts are the introductions of seven languages, one a line.
var cueTexts = [...]string{strongCue: `
name is|name's|the name of|under the name|in the name of|under the name of|under name|surname is|last name is|first name is|surname|last name|first name|forename|family name
name on the booking is|name on the reservation is|name on it is|name for the booking is|name for the reservation is|name i booked under is|speaking with|speaking to|talking to|talking with|put it under|booked under|reserved under|reservation under|booking under|goes by|they call me|calls himself|calls herself|i'm called|i am called|name of|on behalf of mr|on behalf of|booked for|booked by|guest called|guest named|person named|surname was|surname as|surname of|last name was|is named|husband's name|wife's name|partner's name|son's name|daughter's name|mother's name|father's name|friend's name|boss's name|colleague's name|full name|maiden name|maiden name is|names is|booking name|guest name|name would be|someone called|names are
mein name ist|mein name lautet|name lautet|nachname lautet|vorname lautet|mein name wäre|name wäre|name war|name ist|name:|namens|auf den namen|auf namen|auf den name|unter dem namen|nachname ist|familienname ist|nachname|vorname ist|vorname|zuname|ich heiße|ich heisse|heißt er|heißt|heisst|sie sprechen mit|hier spricht|es spricht|am apparat ist|am telefon ist|sie reden mit|mit namen|der gast heißt|im auftrag von|im namen von|nennt sich|familienname|c/o|zu händen|zu händen von
je m'appelle|m'appelle|s'appelle|s'appellent|mon nom est|mon nom c'est|nom de famille c'est|nom c'est|nom de jeune fille|patronyme|se prénomme|au nom|le nom c'est|mon nom|nom est|nom de famille est|nom de famille|au nom de|au nom d'|sous le nom de|sous le nom|prénom est|prénom c'est|prénom|je me nomme|vous parlez avec|vous parlez à|se nomme|nommé|nommée|demande à parler à|de la part de|pour le compte de|à l'attention de
me llamo|se llama|se llaman|mi nombre es|nombre es|a nombre de|al nombre de|bajo el nombre de|apellido es|el apellido|nombre completo|reserva a nombre de|primer apellido|segundo apellido|se apellida|me apellido|apellidos son|mis apellidos|apellido|apellidos|le habla|les habla|habla usted con|habla con|está hablando con|al aparato|nombre de pila|me dicen|en nombre de|a la atención de
mi chiamo|si chiama|si chiamano|il mio nome è|nome è|mio nome|a nome|a nome di|al nome di|sotto il nome|cognome è|di cognome|di nome|nome e cognome|mi chiamano|a nome della signora|a nome del signor|cognome|parla con|sta parlando con|parlando con|le parla|nome di battesimo|da parte di|per conto di|in nome di|all'attenzione di
mijn naam is|naam is|de naam|op naam van|spreekt u mee|spreek je mee|op de naam|onder de naam|op naam|achternaam is|mijn achternaam|noemen mij|meisjesnaam|volledige naam|naam was|naam luidt|ze noemen me|achternaam|voornaam is|voornaam|u spreekt met|je spreekt met|spreekt u met|ik heet|heet|heten|familienaam|ik noem me|namens|de gast heet|uit naam van|ter attentie van
nazywam się|mówią na mnie|nazwisko brzmi|nazwisko panieńskie|o nazwisku|imię i nazwisko|o imieniu|na nazwisko pana|nazywa się|nazywają się|mam na imię|ma na imię|na imię|moje nazwisko to|moje nazwisko|nazwisko to|nazwisko|na nazwisko|pod nazwiskiem|imię|imię to|na nazwiskiem|nazwiskiem|nazwisku|gość nazywa się|w imieniu|proszę zapisać na|proszę wpisać na|do rąk
`, weakCue: `
this is|s called|it'll be|that'll be|that will be|i'm|i am|call me|travelling with|traveling with|staying with|sharing with|together with|along with|it's under|that's under|it is under|is under|be under|made by|paid by|confirmed by|name,|spoke to|spoke with|speak to|speak with|spoken to|spoken with|talk to|talk with|talked to|booking's for|guest is called|my name'd be|guest would be|guests are|guests would be
hier ist|da ist|da isch|gäste sind|gäste heißen|reise mit|zusammen mit|gemeinsam mit|läuft auf|hier ist der|hier ist die|hier isch|hier die|auf familie|familie|auf den herrn|gesprochen mit
voyage avec|clients sont|invités sont|je suis|moi c'est|moi, c'est|nom|famille|la famille|parlé à|parlé avec|parler à|faite par|ici|ici c'est
viajo con|huéspedes son|clientes son|soy|soy el|soy la|familia|la familia|hablé con|hablar con|hecha por|llámeme|de parte de
viaggio con|ospiti sono|insieme a|sono|sono il|sono la|famiglia|la famiglia|parlato con|parlare con|fatta da|mi chiami|qui è
samen met|gasten zijn|ik ben|dit is|familie|gesproken met|gemaakt door|noem me|met mij|hier is|u spreekt
zarezerwowany na|zarezerwowana na|zarezerwowane na|zapisany na|zapisane na|zarezerwowałem na|zarezerwowałam na|goście to|goście nazywają się|razem z|tu mówi|mówi|jestem|rodzina|państwo|rozmawiałam z|rozmawiałem z|rozmawiać z|z tej strony|dzwoni|przy telefonie
`, vagueCue: `
it's|it is|that's|here is|for|it's for|is called|under|nome|nombre|guest is|ask for|asked for|asking for|i go by|known as|two guests|booking's under|reservation's under|room's under|traveller is|passenger is
fragen sie nach|frag nach|fragen nach|da ist der|da ist die|da isch der|da isch die|ich bin|das ist|gast ist|ich bin der|ich bin die|am apparat|hier|für
demandez|demander|c'est|réservation est à|client est|cliente est|pour
pregunte por|preguntar por|pregunten por|aquí|es|huésped es|cliente es|habla|para
chieda di|chiedere di|chiedete di|qui|è|ospite è|cliente è|sono io|per
vraag naar|vraag maar naar|vragen naar|ik ben de|dit is de|ben|is|het is|gast is|voor|kamer staat op|boeking staat op
pytać o|proszę pytać o|zapytać o|to jest|to ja|pokój na|rezerwacja na|rezerwację na|gościem jest|tutaj|dla
`, phoneCue: `
met|met de|tu|parla|speaking|habla|ici
`}

// bookedWords close what a preposition opens: "auf Kowalczyk gebucht".
const bookedWords = `booked reserved registered gebucht reserviert eingetragen gemeldet réservé réservée enregistré enregistrée reservado reservada registrada prenotato prenotata registrata geboekt gereserveerd
zarezerwowany zarezerwowana zarezerwowane zapisana zapisane`

// afterTexts follow a name that was said without introduction.
const afterTexts = `here|speaking|is my name|is the name|is the surname|is the last name|is the family name|is the first name|is my surname|is my last name|is my first name|is his name|is her name|is their name|on the phone|on the line|calling
mein name|hier|am apparat|ist mein name|ist der name|ist der nachname|ist mein nachname|ist der familienname|ist der vorname|am telefon|spricht|heißt er|heißt sie|heisst er|heisst sie|ist sein name|ist ihr name
à l'appareil|au téléphone|c'est mon nom|c'est le nom|c'est le nom de famille|est le nom de famille|est mon nom|est le nom|c'est mon nom de famille
al habla|al teléfono|es mi nombre|es el apellido|es mi apellido|es el nombre|al aparato
al telefono|all'apparecchio|è il mio nome|è il cognome|è il mio cognome|è il nome
hier|is mijn naam|aan de lijn|aan de telefoon|is de naam|is de achternaam|is mijn achternaam|is de voornaam|spreekt u|heet hij|heet ze|heet zij|is zijn naam|is haar naam
z tej strony|przy telefonie|się kłania|mówi|to moje nazwisko|to nazwisko|to moje imię`

// spellers stand between a letter and the word that tells it: "M wie Martha".
const spellers = `for as like wie comme come como van jak di de of`
