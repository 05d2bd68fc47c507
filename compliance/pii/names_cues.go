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
speaking with|speaking to|put it under|booked under|reserved under|reservation under|booking under|goes by|they call me|calls himself|calls herself|i'm called|i am called|name of|on behalf of mr|guest called|guest named|person named|someone called|names are
mein name ist|mein name lautet|name ist|name:|namens|auf den namen|auf namen|auf den name|unter dem namen|nachname ist|familienname ist|nachname|vorname ist|vorname|zuname|ich heiße|ich heisse|heißt er|heißt|heisst|sie sprechen mit|hier spricht|es spricht|am apparat ist|mit namen|nennt sich|familienname
je m'appelle|m'appelle|s'appelle|s'appellent|mon nom est|mon nom c'est|mon nom|nom est|nom de famille est|nom de famille|au nom de|au nom d'|sous le nom de|sous le nom|prénom est|prénom c'est|prénom|je me nomme|se nomme|nommé|nommée|de la part de
me llamo|se llama|se llaman|mi nombre es|nombre es|a nombre de|al nombre de|bajo el nombre de|apellido es|apellidos son|mis apellidos|apellido|apellidos|le habla|les habla|habla usted con|nombre de pila|me dicen
mi chiamo|si chiama|si chiamano|il mio nome è|nome è|mio nome|a nome|a nome di|al nome di|sotto il nome|cognome è|cognome|parla con|le parla|nome di battesimo|da parte di
mijn naam is|naam is|de naam|op naam van|op de naam|onder de naam|op naam|achternaam is|achternaam|voornaam is|voornaam|u spreekt met|je spreekt met|spreekt u met|ik heet|heet|heten|familienaam|ik noem me|namens
nazywam się|nazywa się|nazywają się|mam na imię|ma na imię|na imię|moje nazwisko to|moje nazwisko|nazwisko to|nazwisko|na nazwisko|pod nazwiskiem|imię|imię to|na nazwiskiem|nazwiskiem|nazwisku
`, weakCue: `
this is|i'm|i am|call me
hier ist|da ist|da isch|hier ist der|hier ist die
je suis|ici|ici c'est
soy|soy el|soy la|de parte de
sono|sono il|sono la|qui è
ik ben|dit is|met mij|hier is|u spreekt
tu mówi|mówi|z tej strony|dzwoni|przy telefonie
`, vagueCue: `
it's|it is|that's|here is|for|nome|nombre
ich bin|das ist|ich bin der|ich bin die|am apparat|hier|für
c'est|pour
aquí|es|habla|para
qui|è|sono io|per
ben|is|het is|voor
jestem|to jest|tutaj|dla
`, phoneCue: `
met|tu|parla|speaking|habla|ici
`}

// afterTexts follow a name that was said without introduction.
const afterTexts = `here|speaking|is my name|is the name|on the line|calling
mein name|hier|am apparat|ist mein name|ist der name|spricht
à l'appareil|au téléphone|c'est mon nom|c'est le nom
al habla|al teléfono|es mi nombre|al aparato
al telefono|all'apparecchio|è il mio nome
hier|is mijn naam|aan de lijn|aan de telefoon|is de naam
z tej strony|przy telefonie|się kłania|mówi|to moje nazwisko`

// spellers stand between a letter and the word that tells it: "M wie Martha".
const spellers = `for as like wie comme come como van jak di de of`
