package spoken

import (
	"fmt"
	"testing"
)

// dateIn gives the first date of a text, read by f.
func dateIn(language, text string, f func(*Reader, int) (Date, bool)) string {
	r := NewReader(lexicon)
	tokens := split(text)
	r.Look(tokens)
	r.Read(lexicon.Language(language))
	for i := range tokens {
		if d, ok := f(r, i); ok {
			return fmt.Sprintf("%d-%d-%d %s", d.Year, d.Month, d.Day, text[d.Start:d.End])
		}
	}
	return ""
}

func TestDays(t *testing.T) {
	for _, row := range []struct{ language, text, want string }{
		{"en", "born on the fourth of july nineteen seventy one", "1971-7-4 fourth of july nineteen seventy one"},
		{"en", "march the third two thousand and five please", "2005-3-3 march the third two thousand and five"},
		{"en", "twenty first october sixty four", "64-10-21 twenty first october sixty four"},
		{"en", "3rd of May 1990", "1990-5-3 3rd of May 1990"},
		{"en", "oh seven oh four nineteen oh five", "1905-4-7 oh seven oh four nineteen oh five"},
		{"en", "june second one nine eight six", "1986-6-2 june second one nine eight six"},
		{"en", "the fifth of may", "0-5-5 fifth of may"},
		{"de", "geboren am dritten Mai neunzehnhundertsiebenundsiebzig", "1977-5-3 dritten Mai neunzehnhundertsiebenundsiebzig"},
		{"de", "einundzwanzigster neunter fünfundachtzig", "85-9-21 einundzwanzigster neunter fünfundachtzig"},
		{"de", "zwölfter Januar zweitausendfünfzehn", "2015-1-12 zwölfter Januar zweitausendfünfzehn"},
		{"fr", "le premier août mille neuf cent quatre-vingt-huit", "1988-8-1 premier août mille neuf cent quatre-vingt-huit"},
		{"fr", "trois février quatre-vingt-cinq", "85-2-3 trois février quatre-vingt-cinq"},
		{"es", "veintitrés de marzo de mil novecientos noventa y cuatro", "1994-3-23 veintitrés de marzo de mil novecientos noventa y cuatro"},
		{"es", "quince del tres del ochenta y ocho", "88-3-15 quince del tres del ochenta y ocho"},
		{"it", "diciotto novembre millenovecentosettantacinque", "1975-11-18 diciotto novembre millenovecentosettantacinque"},
		{"it", "primo gennaio del novantadue", "92-1-1 primo gennaio del novantadue"},
		{"nl", "eenentwintig juni negentienvijfentachtig", "1985-6-21 eenentwintig juni negentienvijfentachtig"},
		{"nl", "drie oktober tweeduizend zestien", "2016-10-3 drie oktober tweeduizend zestien"},
		{"pl", "trzeci grudnia tysiąc dziewięćset dziewięćdziesiątego pierwszego", "1991-12-3 trzeci grudnia tysiąc dziewięćset dziewięćdziesiątego pierwszego"},
		{"pl", "dwudziestego dziewiątego lutego dziewięćdziesiątego drugiego", "92-2-29 dwudziestego dziewiątego lutego dziewięćdziesiątego drugiego"},
		{"pl", "piątego maja dwa tysiące szesnastego", "2016-5-5 piątego maja dwa tysiące szesnastego"},
		{"en", "room forty two", ""},
	} {
		if got := dateIn(row.language, row.text, (*Reader).Day); got != row.want {
			t.Errorf("%s: %q\n got %q\nwant %q", row.language, row.text, got, row.want)
		}
	}
}

func TestExpiries(t *testing.T) {
	for _, row := range []struct{ language, text, want string }{
		{"en", "zero four of twenty nine", "29-4-0 zero four of twenty nine"},
		{"en", "december twenty twenty nine", "2029-12-0 december twenty twenty nine"},
		{"en", "oh four twenty eight", "28-4-0 oh four twenty eight"},
		{"de", "Ende März dreißig", "30-3-0 März dreißig"},
		{"de", "null sieben neunundzwanzig", "29-7-0 null sieben neunundzwanzig"},
		{"de", "zwölf zweitausendachtundzwanzig", "2028-12-0 zwölf zweitausendachtundzwanzig"},
		{"fr", "juin deux mille trente", "2030-6-0 juin deux mille trente"},
		{"es", "diciembre del veintinueve", "29-12-0 diciembre del veintinueve"},
		{"it", "gennaio duemilatrenta", "2030-1-0 gennaio duemilatrenta"},
		{"nl", "maart negenentwintig", "29-3-0 maart negenentwintig"},
		{"pl", "maja dwa tysiące trzydziestego", "2030-5-0 maja dwa tysiące trzydziestego"},
		{"pl", "czerwiec trzydzieści", "30-6-0 czerwiec trzydzieści"},
	} {
		if got := dateIn(row.language, row.text, (*Reader).Expiry); got != row.want {
			t.Errorf("%s: %q\n got %q\nwant %q", row.language, row.text, got, row.want)
		}
	}
}
