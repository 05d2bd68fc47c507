package numbers

import "strings"

// Card tells whether s is the number of a payment card: a length and first
// digits that a brand gives out, and the check digit.
func Card(s string) bool { return Brand(s) != "" && Luhn(s) }

// Brand names the brand whose numbers have the length and the first digits of s;
// empty when none has. It does not look at the check digit.
func Brand(s string) string {
	if len(s) < 12 || len(s) > 19 || !allDigits(s) {
		return ""
	}
	head := value(s[:4])
	for _, b := range brands {
		if b.from <= head && head <= b.to && b.lengths>>len(s)&1 != 0 {
			return b.name
		}
	}
	return ""
}

// brands are ranges of the first four digits; the bits of lengths are the
// lengths that the brand gives out.
var brands = [...]struct {
	name     string
	from, to int
	lengths  uint32
}{
	{"visa", 4000, 4999, 1<<13 | 1<<16 | 1<<18 | 1<<19},
	{"mastercard", 5100, 5599, 1 << 16},
	{"mastercard", 2221, 2720, 1 << 16},
	{"amex", 3400, 3499, 1 << 15},
	{"amex", 3700, 3799, 1 << 15},
	{"diners", 3000, 3059, 1<<14 | 1<<16 | 1<<19},
	{"diners", 3095, 3095, 1<<14 | 1<<16 | 1<<19},
	{"diners", 3600, 3699, 1<<14 | 1<<16 | 1<<19},
	{"diners", 3800, 3999, 1<<14 | 1<<16 | 1<<19},
	{"jcb", 3528, 3589, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"jcb", 1800, 1800, 1 << 15},
	{"jcb", 2131, 2131, 1 << 15},
	{"discover", 6011, 6011, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"discover", 6440, 6599, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"unionpay", 6200, 6299, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"unionpay", 8100, 8171, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"maestro", 5000, 5099, 0xFF << 12},
	{"maestro", 5600, 6999, 0xFF << 12},
	{"instapayment", 6370, 6399, 1 << 16},
	{"mir", 2200, 2204, 0xF << 16},
	{"troy", 9792, 9792, 1 << 16},
	{"uatp", 1000, 1999, 1 << 15},
}

// IBAN tells whether s is an international bank account number: its country's
// length and the two check digits.
func IBAN(s string) bool {
	if len(s) < 15 || IBANLength(s[:2]) != len(s) || s[2]-'0' > 9 || s[3]-'0' > 9 {
		return false
	}
	return ibanForm(s) && iso97(s, 4)
}

// ibanOfBank is IBAN with the check that some countries have inside the account's
// number.
func ibanOfBank(s string) bool {
	switch {
	case !IBAN(s):
		return false
	case s[:2] == "BE":
		return beEID(s[4:])
	case s[:2] == "ES":
		return esCCC(s[4:])
	case s[:2] == "NO":
		return noAccount(s[4:])
	}
	return true
}

// creditor checks who may draw from accounts: the three signs of a business
// count nothing.
func creditor(s string) bool {
	return len(s) > 7 && letter(s[0]) && letter(s[1]) && allDigits(s[2:4]) && iso97(s[7:]+s[:4], 0)
}

// IBANLength gives the length of a country's account numbers, or 0.
func IBANLength(country string) int {
	at := strings.Index(ibanLengths, country)
	if at < 0 || at%4 != 0 || len(country) != 2 {
		return 0
	}
	return value(ibanLengths[at+2 : at+4])
}

// ibanLengths holds each country and the length of its numbers, by fours.
const ibanLengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29" +
	"ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20" +
	"LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19" +
	"SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"

// ibanForm tells whether letters stand only where the country's banks have them.
func ibanForm(s string) bool {
	form := ibanLetters[s[:2]]
	for i := 4; i < len(s); i++ {
		if letter(s[i]) && (i >= 4+len(form) || form[i-4] == 'n') {
			return false
		}
	}
	for i := range len(form) {
		if form[i] == 'a' && !letter(s[i+4]) {
			return false
		}
	}
	return true
}

// ibanLetters says of countries whose account numbers hold letters where they
// may stand behind the check digits: a letter (a), a letter or a digit (c), a
// digit (n). All places behind the last named one are digits.
var ibanLetters = map[string]string{
	"AD": "nnnnnnnncccccccccccc", "AE": "", "AL": "nnnnnnnncccccccccccccccc", "AZ": "aaaacccccccccccccccccccc",
	"BG": "aaaannnnnncccccccc", "BH": "aaaacccccccccccccc", "BR": "nnnnnnnnnnnnnnnnnnnnnnnac", "BY": "ccccnnnncccccccccccccccc",
	"CH": "nnnnncccccccccccc", "CY": "nnnnnnnncccccccccccccccc", "DO": "ccccnnnnnnnnnnnnnnnnnnnn", "FR": "nnnnnnnnnnccccccccccc",
	"GB": "aaaa", "GE": "aa", "GI": "aaaaccccccccccccccc", "GR": "nnnnnnncccccccccccccccc", "GT": "cccccccccccccccccccccccc",
	"IE": "aaaa", "IQ": "aaaa", "IT": "annnnnnnnnncccccccccccc", "JO": "aaaannnncccccccccccccccccc", "KW": "aaaacccccccccccccccccccccc",
	"KZ": "nnnccccccccccccc", "LB": "nnnncccccccccccccccccccc", "LC": "aaaacccccccccccccccccccccccc", "LI": "nnnnncccccccccccc",
	"LU": "nnnccccccccccccc", "LV": "aaaaccccccccccccc", "MC": "nnnnnnnnnnccccccccccc", "MD": "cccccccccccccccccccc",
	"MK": "nnncccccccccc", "MT": "aaaannnnncccccccccccccccccc", "MU": "aaaannnnnnnnnnnnnnnnnnnaaa", "NL": "aaaa",
	"PK": "aaaacccccccccccccccc", "PS": "aaaaccccccccccccccccccccc", "QA": "aaaaccccccccccccccccccccc", "RO": "aaaacccccccccccccccc",
	"SA": "nncccccccccccccccccc", "SC": "aaaannnnnnnnnnnnnnnnnnnnaaa", "SM": "annnnnnnnnncccccccccccc", "SV": "aaaa",
	"TR": "nnnnnncccccccccccccccc", "UA": "nnnnnnccccccccccccccccccc", "VG": "aaaa", "HN": "aaaa", "NI": "aaaa",
}

// imeiOpen tells of a number without its check digit, or with the software's
// version instead.
func imeiOpen(s string) bool { return digits(s, 14) || digits(s, 16) }

func imei(s string) bool { return digits(s, 15) && Luhn(s) }
