package spoken

import "testing"

// TestCorrections takes back a digit, a group, and all from its start on.
func TestCorrections(t *testing.T) {
	for _, row := range []struct{ language, text, want string }{
		{"en", "oh two oh, seven nine four six, oh treble one, no sorry, oh nine five eight", "02079460958"},
		{"en", "oh one two three four, five six seven, no wait, five six eight, eight nine oh", "01234568890"},
		{"en", "nine not eight but seven one two", "712"},
		{"en", "oh seven nine double one two three sorry double two three four five six", "07911223456"},
		{"de", "null eins sechs drei, Moment, nein, null eins sechs zwo, acht acht drei", "0162883"},
		{"de", "acht neun null nein nicht null sondern neun acht", "8998"},
		{"fr", "zéro six, zéro sept, attendez, zéro huit, vingt-deux", "060822"},
		{"es", "seis uno dos, digo, seis uno tres, cuatro cinco seis", "613456"},
		{"it", "zero due, sessantotto, anzi no, settantotto, cinquantatré", "027853"},
		{"nl", "nul twintig, nee wacht, nul dertig, tweehonderd twaalf", "030212"},
		{"pl", "siedem siedem osiem, nie, przepraszam, siedem siedem dziewięć, sto", "779100"},
		{"en", "four fives two eights one", "5555881"},
		{"it", "cinque volte zero uno due", "0000012"},
		{"pl", "trzy zera jeden dwa", "00012"},
		{"pl", "602 dwieście 34 pięćset", "602234500"},
	} {
		if got := readAll(row.language, row.text); got != row.want {
			t.Errorf("%s: %q\n got %q\nwant %q", row.language, row.text, got, row.want)
		}
	}
}
