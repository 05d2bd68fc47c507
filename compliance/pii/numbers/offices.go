package numbers

import "strings"

// Numbers of offices and banks that others begin or end with, as their offices
// publish them.

// austrianOffices are Austria's tax offices.
const austrianOffices = "03 04 06 07 08 09 10 12 15 16 18 22 23 29 33 38 41 46 51 52 53 54 57 59 61 65 67 68 69 71 72 81 82 83 84 " +
	"90 91 93 97 98"

// czechBanks are the codes of banks in Czech accounts.
const czechBanks = "0100 0300 0600 0710 0800 2010 2020 2060 2070 2100 2200 2220 2240 2250 2260 2275 2310 2600 2700 3030 3050 3060 " +
	"3500 4000 4300 5500 5800 6000 6100 6200 6210 6300 6700 6800 7910 7940 7950 7960 7970 7980 7990 8030 8040 8060 " +
	"8090 8150 8190 8198 8199 8200 8215 8220 8225 8226 8230 8240 8250 8255 8265 8270 8280 8283 8293 8299 8500"

// englishSchools are the local authorities that give numbers to pupils.
const englishSchools = "201-213 301-320 330-336 340-344 350-359 370-373 380-384 390-394 420 800-803 805-808 810-813 815-816 821-823 825-826 830-831 835-841 845-846 850-852 855-857 860-861 865-896 908-909 916 919 921 925-926 928-929 931 933 935-943"

// among tells whether code stands in a list of codes and ranges of codes of its
// length, with spaces between.
func among(list, code string) bool {
	for part := range strings.FieldsSeq(list) {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		if len(code) == len(from) && from <= code && code <= to {
			return true
		}
	}
	return false
}
