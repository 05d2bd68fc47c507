package evaluation

import (
	"math/big"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// These few lines of arithmetic are the set's own. The detector's validators
// are not asked, for they are what the set is there to judge.

func digits(s string) []int {
	var d []int
	for _, r := range s {
		d = append(d, int(r-'0'))
	}
	return d
}

func weighted(s string, weights ...int) int {
	sum := 0
	for i, d := range digits(s[:len(weights)]) {
		sum += d * weights[i]
	}
	return sum
}

func last(s string) int { return int(s[len(s)-1] - '0') }

func luhn(s string) bool {
	sum := 0
	for i, d := range digits(s) {
		if (len(s)-i)%2 == 0 {
			d = d*2 - d/5*9
		}
		sum += d
	}
	return sum%10 == 0
}

func remainder(s string, by int64) int64 {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return -1
	}
	return n.Mod(n, big.NewInt(by)).Int64()
}

func iban(s string) bool {
	var b strings.Builder
	for _, r := range s[4:] + s[:4] {
		if unicode.IsDigit(r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(big.NewInt(int64(r - 'A' + 10)).String())
	}
	return remainder(b.String(), 97) == 1
}

// hybrid is ISO 7064, MOD 11,10.
func hybrid(s string) bool {
	p := 10
	for _, d := range digits(s[:len(s)-1]) {
		d = (d + p) % 10
		if d == 0 {
			d = 10
		}
		p = d * 2 % 11
	}
	return (11-p)%10 == last(s)
}

func letterOf(s, alphabet string, by int64) bool {
	return alphabet[remainder(s[:len(s)-1], by)] == s[len(s)-1]
}

const spanish = "TRWAGMYFPDXBNJZSQVHLCKE"

func fiscalCode(s string) bool {
	const odd = "BAFHJNPRTVCESULDGIMOQKWZYX" // what a digit or letter is worth at an odd place, as a letter
	sum := 0
	for i, r := range s[:15] {
		v := int(r - 'A')
		if unicode.IsDigit(r) {
			v = int(r - '0')
		}
		if i%2 == 0 {
			v = int(odd[v] - 'A')
		}
		sum += v
	}
	return s[15] == byte('A'+sum%26)
}

func identityCardPL(s string) bool {
	sum := 0
	for i, w := range []int{7, 3, 1, 9, 7, 3, 1, 7, 3} {
		v := int(s[i] - '0')
		if i < 3 {
			v = int(s[i]-'A') + 10
		}
		sum += v * w
	}
	return sum%10 == 0
}

var arithmetic = map[string]func(string) bool{
	"CREDIT_CARD":               luhn,
	"IBAN_CODE":                 iban,
	"UK_NHS":                    func(s string) bool { return weighted(s, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11 == 0 },
	"IE_PPS":                    func(s string) bool { return "WABCDEFGHIJKLMNOPQRSTUV"[weighted(s, 8, 7, 6, 5, 4, 3, 2)%23] == s[7] },
	"DK_CPR":                    func(s string) bool { return weighted(s, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 },
	"SE_PERSONNUMMER":           luhn,
	"FI_PERSONAL_IDENTITY_CODE": func(s string) bool { return letterOf(s, "0123456789ABCDEFHJKLMNPRSTUVWXY", 31) },
	"NO_FODSELSNUMMER": func(s string) bool {
		return weighted(s, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	},
	"PT_NIF":              func(s string) bool { return (11-weighted(s, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11%10 == last(s) },
	"RO_CNP":              func(s string) bool { return weighted(s, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)%11%10 == last(s) },
	"HR_OIB":              hybrid,
	"DE_TAX_ID":           hybrid,
	"DE_VAT_ID":           func(s string) bool { return hybrid(s[2:]) },
	"AT_VNR":              func(s string) bool { return weighted(s[:3]+s[4:], 3, 7, 9, 5, 8, 4, 2, 1, 6)%11 == int(s[3]-'0') },
	"CH_SSN":              func(s string) bool { return weighted(s, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)%10 == 0 },
	"FR_NIR":              func(s string) bool { return 97-remainder(s[:13], 97) == remainder(s[13:], 1000) },
	"FR_SIREN":            luhn,
	"FR_SIRET":            luhn,
	"FR_TVA":              func(s string) bool { return (12+3*remainder(s[4:], 97))%97 == remainder(s[2:4], 100) },
	"BE_NN":               func(s string) bool { return 97-remainder(s[:9], 97) == remainder(s[9:], 100) },
	"BE_VAT":              func(s string) bool { return 97-remainder(s[2:10], 97) == remainder(s[10:], 100) },
	"GB_VAT":              func(s string) bool { return (weighted(s[2:], 8, 7, 6, 5, 4, 3, 2)+int(remainder(s[9:], 100)))%97 == 0 },
	"ES_NIF":              func(s string) bool { return letterOf(s, spanish, 23) },
	"ES_NIE":              func(s string) bool { return letterOf(string(s[0]-'X'+'0')+s[1:], spanish, 23) },
	"ES_CIF":              func(s string) bool { return luhn(s[1:]) },
	"ES_NUSS":             func(s string) bool { return remainder(s[:10], 97) == remainder(s[10:], 100) },
	"IT_FISCAL_CODE":      fiscalCode,
	"IT_VAT_CODE":         luhn,
	"NL_BSN":              func(s string) bool { return weighted(s, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0 },
	"NL_BTW":              func(s string) bool { return weighted(s[2:], 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0 },
	"PL_PESEL":            func(s string) bool { return weighted(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0 },
	"PL_NIP":              func(s string) bool { return weighted(s, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == last(s) },
	"PL_REGON":            func(s string) bool { return weighted(s, 8, 9, 2, 3, 4, 5, 6, 7)%11%10 == last(s) },
	"PL_IDENTITY_CARD":    identityCardPL,
	"DE_HEALTH_INSURANCE": func(s string) bool { return insured("01"+s[1:]) && s[0] == 'A' },
}

func insured(s string) bool {
	sum := 0
	for i, d := range digits(s[:len(s)-1]) {
		d *= 1 + i%2
		sum += d/10 + d%10
	}
	return sum%10 == last(s)
}

// bare leaves capital letters and digits.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

func TestWrittenNumbersHoldTheirChecksums(t *testing.T) {
	set, err := Load(First)
	require.NoError(t, err)
	valid, invalid := map[string]int{}, 0
	for _, turn := range set.Turns {
		for _, truth := range turn.Truths {
			value := bare(turn.Request.Text[truth.Start:truth.End])
			right, ok := arithmetic[truth.Type]
			switch {
			case truth.Mark == Invalid:
				require.True(t, ok, "%s: no arithmetic for %s", turn.ID, truth.Type)
				assert.False(t, right(value), "%s: %s is valid", turn.ID, value)
				invalid++
			case ok && truth.Mark == Personal && truth.Way == Plain:
				assert.True(t, right(value), "%s: %s is no %s", turn.ID, value, truth.Type)
				valid[truth.Type]++
			}
		}
	}
	assert.GreaterOrEqual(t, invalid, 20)
	for kind := range arithmetic {
		assert.Positive(t, valid[kind], "no valid %s in the set", kind)
	}
}
