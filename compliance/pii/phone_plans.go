package pii

import "strings"

// international tells whether digits are a country's code and a number of a
// length that the country gives out.
func international(digits string) bool {
	for n := 1; n <= 3 && n < len(digits); n++ {
		if lengths, ok := callingCodes[digits[:n]]; ok {
			rest := digits[n:]
			// Some write the trunk zero although they should not.
			return lengths>>len(rest)&1 != 0 || rest[0] == '0' && lengths>>(len(rest)-1)&1 != 0
		}
	}
	return false
}

// span gives the bits from low to high.
func bitsFrom(low, high int) uint32 { return 1<<(high+1) - 1<<low }

// callingCodes gives for each country's code the lengths of numbers behind it,
// as bits.
var callingCodes = func() map[string]uint32 {
	codes := map[string]uint32{
		"30": 1 << 10, "31": 1<<9 | 1<<8 | 1<<10 | 1<<11, "32": 1<<8 | 1<<9, "33": 1 << 9, "34": 1 << 9, "36": 1<<8 | 1<<9,
		"39": bitsFrom(6, 12), "40": 1 << 9, "41": 1 << 9, "43": bitsFrom(5, 13), "44": 1<<9 | 1<<10, "45": 1 << 8,
		"46": bitsFrom(7, 10), "47": 1 << 8, "48": 1 << 9, "49": bitsFrom(6, 13), "350": 1 << 8, "351": 1 << 9, "352": bitsFrom(5, 11),
		"353": bitsFrom(7, 10), "354": 1<<7 | 1<<9, "356": 1 << 8, "357": 1 << 8, "358": bitsFrom(5, 12), "359": bitsFrom(7, 9),
		"370": 1 << 8, "371": 1 << 8, "372": 1<<7 | 1<<8, "376": 1<<6 | 1<<9, "377": 1<<8 | 1<<9, "378": bitsFrom(6, 12),
		"379": bitsFrom(6, 11), "381": bitsFrom(6, 12), "382": bitsFrom(7, 9), "383": 1<<8 | 1<<9, "385": bitsFrom(7, 9),
		"386": bitsFrom(5, 8), "387": 1<<8 | 1<<9, "389": 1 << 8, "420": 1<<9 | 1<<12, "421": 1 << 9, "423": 1<<7 | 1<<9,
		"1": 1 << 10, "7": 1 << 10, "61": 1 << 9, "81": 1<<9 | 1<<10, "86": bitsFrom(9, 11), "90": 1 << 10, "91": 1 << 10,
		"972": bitsFrom(8, 9), "55": 1<<10 | 1<<11, "52": 1 << 10,
	}
	for c := range strings.FieldsSeq(`20 27 51 53 54 56 57 58 60 62 63 64 65 66 82 84 92 93 94 95 98 211 212 213 216 218 220
		221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249
		250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 355 373 374 375 380
		500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679
		680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 960 961
		962 963 964 965 966 967 968 970 971 973 974 975 976 977 979 992 993 994 995 996 998`) {
		codes[c] = bitsFrom(5, 12)
	}
	return codes
}()

// A plan is how a country writes its own numbers: the trunk prefix, the digits
// that may follow it, the lengths without the prefix, and how digits are grouped
// where there is no prefix to know them by.
type plan struct {
	region, trunk, first string
	lengths              uint32
	grouped              string // by spaces, one at each end
}

func (p *plan) fits(digits string) bool {
	rest, ok := strings.CutPrefix(digits, p.trunk)
	if !ok || rest == "" || p.lengths>>len(rest)&1 == 0 {
		return false
	}
	if p.region == "US" && (rest[3] < '2' || rest[1] == '9') {
		return false
	}
	return strings.IndexByte(p.first, rest[0]) >= 0
}

const any19 = "123456789"

var plans = [...]plan{
	{region: "DE", trunk: "0", first: any19, lengths: bitsFrom(7, 12)},
	{region: "GB", trunk: "0", first: "12357890", lengths: 1<<9 | 1<<10},
	{region: "FR", trunk: "0", first: any19, lengths: 1 << 9},
	{region: "NL", trunk: "0", first: any19, lengths: 1 << 9},
	{region: "BE", trunk: "0", first: any19, lengths: 1<<8 | 1<<9},
	{region: "AT", trunk: "0", first: any19, lengths: bitsFrom(7, 12)},
	{region: "CH", trunk: "0", first: any19, lengths: 1 << 9},
	{region: "SE", trunk: "0", first: any19, lengths: bitsFrom(7, 9)},
	{region: "FI", trunk: "0", first: any19, lengths: bitsFrom(7, 11)},
	{region: "IE", trunk: "0", first: any19, lengths: bitsFrom(8, 9)},
	{region: "IT", trunk: "0", first: any19, lengths: bitsFrom(7, 10)},
	{region: "IT", first: "3", lengths: 1<<9 | 1<<10, grouped: " 3-7 3-3-4 3-6 3-3-3 3-4-3 3-2-2-3 "},
	{region: "SK", trunk: "0", first: any19, lengths: 1 << 9},
	{region: "SI", trunk: "0", first: any19, lengths: 1 << 8},
	{region: "HR", trunk: "0", first: any19, lengths: bitsFrom(7, 9)},
	{region: "RO", trunk: "0", first: "237", lengths: 1 << 9},
	{region: "BG", trunk: "0", first: any19, lengths: bitsFrom(7, 9)},
	{region: "HU", trunk: "06", first: any19, lengths: 1<<8 | 1<<9},
	{region: "LT", trunk: "0", first: "3456", lengths: 1 << 8},
	{region: "LT", trunk: "8", first: "3456", lengths: 1 << 8, grouped: " "},
	{region: "ES", first: "6789", lengths: 1 << 9, grouped: " 3-3-3 3-2-2-2 2-3-2-2 2-7 3-6 "},
	{region: "PT", first: "2369", lengths: 1 << 9, grouped: " 3-3-3 2-3-4 2-3-2-2 3-2-2-2 "},
	{region: "PL", first: any19, lengths: 1 << 9, grouped: " 3-3-3 2-3-2-2 2-7 "},
	{region: "CZ", first: "234567", lengths: 1 << 9, grouped: " 3-3-3 "},
	{region: "GR", first: "26", lengths: 1 << 10, grouped: " 3-7 3-3-4 4-6 2-8 3-4-3 4-3-3 "},
	{region: "DK", first: "23456789", lengths: 1 << 8, grouped: " 2-2-2-2 4-4 "},
	{region: "NO", first: "23456789", lengths: 1 << 8, grouped: " 2-2-2-2 3-2-3 "},
	{region: "LV", first: "26", lengths: 1 << 8, grouped: " 2-3-3 2-2-2-2 "},
	{region: "EE", first: "3456789", lengths: 1<<7 | 1<<8, grouped: " 3-4 4-4 3-3-2 "},
	{region: "CY", first: "29", lengths: 1 << 8, grouped: " 2-6 2-3-3 "},
	{region: "MT", first: "279", lengths: 1 << 8, grouped: " 4-4 "},
	{region: "LU", first: "2346", lengths: 1<<6 | 1<<8 | 1<<9, grouped: " 3-3-3 2-2-2-2 3-6 "},
	{region: "US", first: "23456789", lengths: 1 << 10, grouped: " 3-3-4 "},
}

// plansFrom are the plans whose numbers begin with each digit.
var plansFrom = func() (table [10][]*plan) {
	for i := range plans {
		p := &plans[i]
		begin := p.first
		if p.trunk != "" {
			begin = p.trunk[:1]
		}
		for at := range len(begin) {
			table[begin[at]-'0'] = append(table[begin[at]-'0'], p)
		}
	}
	return table
}()

// Lengths of phone numbers that national plans know, with the trunk prefix.
const (
	shortestPhone = 6
	longestPhone  = 13
)
