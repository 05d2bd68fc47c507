package spoken

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// A writer says a number in words. It is written apart from the tables that the
// Lexicon is made of.
type writer func(n int) string

func join2(sep string, parts ...string) string {
	var all []string
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, sep)
}

func sayEnglish(n int) string {
	low := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens := strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
	switch {
	case n < 20:
		return low[n]
	case n < 100 && n%10 == 0:
		return tens[n/10]
	case n < 100:
		return tens[n/10] + "-" + low[n%10]
	case n < 1000 && n%100 == 0:
		return low[n/100] + " hundred"
	case n < 1000:
		return low[n/100] + " hundred and " + sayEnglish(n%100)
	case n%1000 == 0:
		return sayEnglish(n/1000) + " thousand"
	}
	return sayEnglish(n/1000) + " thousand " + sayEnglish(n%1000)
}

func sayGerman(n int) string {
	low := strings.Fields("null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn")
	tens := strings.Fields("- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
	var stem func(n int) string
	stem = func(n int) string {
		switch {
		case n == 0:
			return ""
		case n < 20:
			return low[n]
		case n < 100 && n%10 == 0:
			return tens[n/10]
		case n < 100:
			return low[n%10] + "und" + tens[n/10]
		case n < 1000:
			return low[n/100] + "hundert" + stem(n%100)
		}
		return stem(n/1000) + "tausend" + stem(n%1000)
	}
	if n == 0 {
		return "null"
	}
	if n%100 == 1 {
		return stem(n) + "s"
	}
	return stem(n)
}

func sayFrench(n int) string {
	low := strings.Fields("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
	tens := strings.Fields("- - vingt trente quarante cinquante soixante")
	switch {
	case n < 20:
		return low[n]
	case n < 70 && n%10 == 0:
		return tens[n/10]
	case n < 70 && n%10 == 1:
		return tens[n/10] + " et un"
	case n < 70:
		return tens[n/10] + "-" + low[n%10]
	case n == 71:
		return "soixante et onze"
	case n < 80:
		return "soixante-" + low[n-60]
	case n == 80:
		return "quatre-vingts"
	case n < 100:
		return "quatre-vingt-" + low[n-80]
	case n < 200:
		return join2(" ", "cent", rest(sayFrench, n%100))
	case n < 1000:
		return join2(" ", low[n/100], "cent", rest(sayFrench, n%100))
	case n < 2000:
		return join2(" ", "mille", rest(sayFrench, n%1000))
	}
	return join2(" ", sayFrench(n/1000), "mille", rest(sayFrench, n%1000))
}

func rest(say writer, n int) string {
	if n == 0 {
		return ""
	}
	return say(n)
}

func saySpanish(n int) string {
	low := strings.Fields("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho " +
		"diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve")
	tens := strings.Fields("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
	hundreds := strings.Fields("- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos")
	switch {
	case n < 30:
		return low[n]
	case n < 100 && n%10 == 0:
		return tens[n/10]
	case n < 100:
		return tens[n/10] + " y " + low[n%10]
	case n == 100:
		return "cien"
	case n < 1000:
		return join2(" ", hundreds[n/100], rest(saySpanish, n%100))
	case n < 2000:
		return join2(" ", "mil", rest(saySpanish, n%1000))
	}
	return join2(" ", saySpanish(n/1000), "mil", rest(saySpanish, n%1000))
}

func sayItalian(n int) string {
	low := strings.Fields("zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove")
	tens := strings.Fields("- - venti trenta quaranta cinquanta sessanta settanta ottanta novanta")
	switch {
	case n < 20:
		return low[n]
	case n < 100:
		ten := tens[n/10]
		switch n % 10 {
		case 0:
			return ten
		case 1, 8:
			ten = ten[:len(ten)-1]
		case 3:
			return ten + "tré"
		}
		return ten + low[n%10]
	case n < 200:
		return "cento" + rest(sayItalian, n%100)
	case n < 1000:
		return low[n/100] + "cento" + rest(sayItalian, n%100)
	case n < 2000:
		return "mille" + rest(sayItalian, n%1000)
	}
	return sayItalian(n/1000) + "mila" + rest(sayItalian, n%1000)
}

func sayDutch(n int) string {
	low := strings.Fields("nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien")
	tens := strings.Fields("- - twintig dertig veertig vijftig zestig zeventig tachtig negentig")
	switch {
	case n < 20:
		return low[n]
	case n < 100 && n%10 == 0:
		return tens[n/10]
	case n < 100:
		and := "en"
		if n%10 == 2 || n%10 == 3 {
			and = "ën"
		}
		return low[n%10] + and + tens[n/10]
	case n < 200:
		return "honderd" + rest(sayDutch, n%100)
	case n < 1000:
		return low[n/100] + "honderd" + rest(sayDutch, n%100)
	case n < 2000:
		return join2(" ", "duizend", rest(sayDutch, n%1000))
	}
	return join2(" ", sayDutch(n/1000)+"duizend", rest(sayDutch, n%1000))
}

func sayPolish(n int) string {
	low := strings.Fields("zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście czternaście " +
		"piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście")
	tens := strings.Fields("- - dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt")
	hundreds := strings.Fields("- sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset")
	switch {
	case n < 20:
		return low[n]
	case n < 100:
		return join2(" ", tens[n/10], rest(sayPolish, n%10))
	case n < 1000:
		return join2(" ", hundreds[n/100], rest(sayPolish, n%100))
	case n < 2000:
		return join2(" ", "tysiąc", rest(sayPolish, n%1000))
	}
	thousand := "tysięcy"
	if t := n / 1000; t%10 >= 2 && t%10 <= 4 && (t%100 < 12 || t%100 > 14) {
		thousand = "tysiące"
	}
	return join2(" ", sayPolish(n/1000), thousand, rest(sayPolish, n%1000))
}

// TestNumbers says the numbers to 999,999 and reads them back: all to 9,999, and
// one in 97 above.
func TestNumbers(t *testing.T) {
	for language, say := range map[string]writer{
		"en": sayEnglish, "de": sayGerman, "fr": sayFrench, "es": saySpanish, "it": sayItalian, "nl": sayDutch, "pl": sayPolish,
	} {
		t.Run(language, func(t *testing.T) {
			r, failed := NewReader(lexicon), 0
			for n := 0; n <= 999_999 && failed < 10; n++ {
				if n > 9_999 {
					n = min(n+96, 999_999)
				}
				// A number that ends in one digit after "hundred" is cut from
				// what follows by its sentence's end.
				text := fmt.Sprintf("a, %s.", say(n))
				r.Look(split(text))
				r.language = lexicon.Language(language)
				r.vocab = lexicon.vocab[r.language]
				r.read()
				value, _, _ := r.number(2)
				if strconv.Itoa(value) != strconv.Itoa(n) {
					t.Errorf("%d: %q read as %d", n, say(n), value)
					failed++
				}
			}
		})
	}
}
