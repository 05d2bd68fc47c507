package pii_test

import (
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
		"lower case": {
			"my name is maria lopez torrealba": "maria lopez torrealba", "me llamo carmen ruiz de la fuente": "carmen ruiz de la fuente",
		},
	} {
		for text, want := range tests {
			require.Equal(t, []string{want}, found(t, pii.Person, pii.Request{Text: text}), "%s: %s", class, text)
		}
	}
}

func TestWhatLooksLikeAFrameIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"soy de Granada", "meine Frau Italienerin", "hier ist Empfang", "my wife prefers tea", "mein Sohn hat Fieber", "I'm British",
		"ANCHE SUA MOGLIE ARRIVA", "SONO ARRIVATO TARDI", "MET DE TREIN", "A NOMBRE DE LA EMPRESA", "the family with two kids", "my husband snores loudly",
		"familie mit zwei kindern", "we spoke to reception", "it's under the bed", "nom de la société",
	} {
		require.Empty(t, found(t, pii.Person, pii.Request{Text: text}), text)
	}
}
