package pii_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

func TestIntroducedNamesByClass(t *testing.T) {
	t.Parallel()
	for class, tests := range map[string]map[string]string{
		"particles": {
			"u spreekt met van der Velde": "van der Velde", "my name is Tomos ap Rhydderch": "Tomos ap Rhydderch", "il cognome è Lo Bianco": "Lo Bianco",
			"die Buchung für Herrn von Trotha": "von Trotha", "mon nom est Le Bihan": "Le Bihan", "je spreekt met Bas ter Braak": "Bas ter Braak",
		},
		"apostrophes": {
			"mi chiamo Elena D'Amico": "Elena D'Amico", "mrs. o'leary called": "o'leary", "mon nom est D'Artois": "D'Artois",
		},
		"the word behind": {
			"Okonkwo is the surname": "Okonkwo", "Trzebiatowski ist der Nachname": "Trzebiatowski", "Bellandi è il cognome": "Bellandi",
		},
		"a letter told": {
			"Maier mit a i am Telefon": "Maier", "Kaczmarek with a K.": "Kaczmarek", "Philippson, P as in papa": "Philippson",
		},
		"kin": {
			"my son Oisín arrives later": "Oisín", "meine Tochter Leonie kommt mit": "Leonie", "mijn vrouw Hanneke belt nog": "Hanneke",
		},
		"frames": {
			"it's under Wetherspoone": "Wetherspoone", "hier ist frau brockhage": "brockhage", "reserviert auf Familie Zangerl": "Zangerl", "jestem Gosia": "Gosia",
		},
		"greetings": {
			"goedemorgen met marjolein hoekstra": "marjolein hoekstra", "good morning jasvinder kaur here from leeds": "jasvinder kaur", "da ist der alois aus linz": "alois",
			"spreekt u mee, floris ten cate": "floris ten cate",
		},
		"bookings": {
			"das zimmer ist auf Kowalczyk gebucht": "Kowalczyk", "nous avons réservé sous Vandenbossche je crois": "Vandenbossche", "pokój jest zarezerwowany na Domańskiego": "Domańskiego",
			"auf den Namen meiner Frau, Liselotte Amann": "Liselotte Amann",
		},
		"initials": {
			"claire the letter m jones is the name on the card": "claire the letter m jones", "my name is claire m jones": "claire m jones",
		},
		"said first": {
			"mirosław bąk dzwoniłem w sprawie faktury": "mirosław bąk", "allô oui sylvain j'ai réservé hier": "sylvain", "jochen mein name": "jochen",
		},
		"beside the speaker": {
			"on sera deux, Blandine et moi": "Blandine", "siamo in due, io e Domitilla": "Domitilla", "be two of us padraig and me": "padraig",
		},
		"whom to ask for": {
			"ask for marguerite please": "marguerite", "pregunte por margarita": "margarita", "vraag maar naar margriet": "margriet",
		},
		"where it ends": {
			"sono la clelia da bergamo": "clelia", "jestem halina i chciałam zapytać": "halina", "sie sprechen mit Herrn Oberle vom Vertrieb": "Oberle",
			"moira, that's m o i r a": "moira|m o i r a", "los huéspedes son Anselmo Curiel y Maite Curiel": "Anselmo Curiel|Maite Curiel",
			"patrick here, patrick hanlon": "patrick|patrick hanlon",
		},
		"lower case": {
			"my name is maria lopez torrealba": "maria lopez torrealba", "me llamo carmen ruiz de la fuente": "carmen ruiz de la fuente",
		},
	} {
		for text, want := range tests {
			require.Equal(t, strings.Split(want, "|"), found(t, pii.Person, pii.Request{Text: text}), "%s: %s", class, text)
		}
	}
}

func TestWhatLooksLikeAFrameIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"soy de Granada", "meine Frau Italienerin", "hier ist Empfang", "my wife prefers tea", "mein Sohn hat Fieber", "I'm British",
		"ANCHE SUA MOGLIE ARRIVA", "SONO ARRIVATO TARDI", "MET DE TREIN", "A NOMBRE DE LA EMPRESA", "the family with two kids", "my husband snores loudly",
		"familie mit zwei kindern", "we spoke to reception", "it's under the bed", "nom de la société",
		"me llamo la atención el precio", "sono contenta del servizio", "da ist der aufzug kaputt", "ask for extra towels", "demandez la clé", "vraag naar de sleutel",
		"c'est fermé je crois", "adolfo suárez es el aeropuerto", "paddy fields on the wallpaper", "we hebben op maandag geboekt", "auf rechnung gebucht",
		"mijn man en ik komen laat", "it's Rowan Cottage, Mill Lane", "on a réservé sous réserve",
	} {
		require.Empty(t, found(t, pii.Person, pii.Request{Text: text}), text)
	}
}
