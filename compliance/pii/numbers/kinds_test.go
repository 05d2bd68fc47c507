package numbers

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// kinds are the names that python-stdnum has for the numbers of the European
// Union's countries, the United Kingdom, Norway and Switzerland.
var kinds = map[string]string{
	"at": "businessid postleitzahl stnr tin uid vnr zvr_zahl", "be": "bis eid iban nn ogm_vcs ssn vat", "bg": "egn pnf vat", "ch": "esr ssn uid vat",
	"cy": "vat", "cz": "bankaccount dic ico rc", "de": "handelsregisternummer idnr leitweg stnr vat wkn", "dk": "cpr cvr", "ee": "ik kmkr registrikood",
	"es": "cae ccc cif cups dni iban nie nif nuss postal_code referenciacatastral", "eu": "at_02 banknote ecnumber eic excise nace oss vat",
	"fi": "alv associationid hetu veronumero ytunnus", "fr": "accise nif nir rcs siren siret tva", "gb": "nhs sedol upn utr vat", "gr": "amka vat", "hr": "oib",
	"hu": "anum", "ie": "pps vat", "it": "aic codicefiscale iva", "lt": "asmens pvm", "lu": "tva", "lv": "pvn", "mt": "vat",
	"nl": "brin bsn btw identiteitskaartnummer onderwijsnummer postcode", "no": "fodselsnummer iban kontonr mva orgnr", "pl": "nip pesel regon",
	"pt": "cc nif", "ro": "cf cnp cui onrc", "se": "orgnr personnummer postnummer vat", "si": "ddv emso maticna", "sk": "dph rc",
}

func TestKindsAsPythonStdnumNamesThem(t *testing.T) {
	for country, names := range kinds {
		for name := range strings.FieldsSeq(names) {
			assert.True(t, Known(country+"."+name), "%s.%s", country, name)
			assert.True(t, Known(strings.ToUpper(country+"_"+name)), "%s_%s", country, name)
		}
	}
	for _, name := range []string{"iban", "luhn", "imei", "lei", "isin", "bic", "mac", "bitcoin", "vatin"} {
		assert.True(t, Known(name), name)
	}
}

// moreExamples are numbers as in examples: printed by the offices, or counted out
// by hand, for the kinds that are seldom asked for.
var moreExamples = []struct{ entity, good, bad string }{
	{"luhn", "78949", "78948"}, {"imei", "49-015420-323751-8", "49-015420-323751-7"}, {"be.ssn", "85.07.30-033.28", "85.07.30-033.29"},
	{"be.iban", "BE31 4354 1116 1155", "BE31 4354 1116 1156"}, {"bg.pnf", "7111 042 925", "7111 042 922"},
	{"ch.esr", "21 00000 00003 13947 14300 09017", "21 00000 00003 13947 14300 09016"}, {"cz.ico", "25123891", "25123890"}, {"sk.ico", "25123891", "25123890"},
	{"dk.cpr", "211062-5629", "511062-5629"}, {"ee.registrikood", "12345678", "12345679"}, {"es.dni", "54362315-K", "54362315-Z"},
	{"es.nif", "54362315-K", "54362315-Z"}, {"es.ccc", "1234-1234-16 1234567890", "1234-1234-17 1234567890"},
	{"es.iban", "ES77 1234-1234-16 1234567890", "ES12 1234-1234-16 1234567890"}, {"es.cups", "ES 1234-123456789012-JY", "ES 1234-123456789012-XY"},
	{"es.nuss", "28 12345678 40", "28 12345678 41"}, {"es.referenciacatastral", "7837301-VG8173B-0001 TT", "7837301-VG8173B-0001 TU"},
	{"fr.siret", "732 829 320 00074", "732 829 320 00079"}, {"fr.nir", "2 95 10 99 126 111 93", "2 95 10 99 126 111 99"}, {"gb.sedol", "B15KXQ8", "B15KXQ7"},
	{"hu.taj", "111 222 337", "111 222 338"}, {"hu.adoazonosito", "8035001248", "8035001246"}, {"ie.vat", "IE 6433435F", "IE 6433435E"},
	{"it.codicefiscale", "00743110157", "00743110158"}, {"it.iva", "IT 00743110157", "IT 00743110158"}, {"it.aic", "000307052", "000307053"},
	{"lv.pk", "161175-19997", "161375-19997"}, {"nl.btw", "NL004495445B01", "NL123456789B90"}, {"nl.onderwijsnummer", "1012.22.331", "2112.22.331"},
	{"no.kontonr", "8601 11 17947", "8601 11 17949"}, {"no.iban", "NO93 8601 1117 947", "NO92 8601 1117 947"}, {"no.mva", "NO 995 525 828 MVA", "NO 995 525 829 MVA"},
	{"NO_FODSELSNUMMER", "151086 95088", "151086 95077"}, {"pl.pesel", "44051401359", "44051401358"}, {"PL_PASSPORT", "ZS 0000177", "ZS 0000178"},
	{"pt.niss", "12345678902", "12345678903"}, {"ro.cf", "RO 185 472 90", "RO 185 472 91"}, {"se.orgnr", "1234567897", "1234567891"},
	{"se.vat", "SE123456789701", "SE123456789101"},
	{"ABA_ROUTING_NUMBER", "1210-0035-8", "1210-0035-9"}, {"US_NPI", "1234567893", "1234567894"}, {"AU_ABN", "51 824 753 556", "51 824 753 557"},
	{"AU_ACN", "004 085 616", "004 085 617"}, {"AU_TFN", "876 543 210", "876 543 211"}, {"AU_MEDICARE", "2123 45670 1", "2123 45671 1"},
	{"CA_SIN", "123-456-782", "999-999-999"}, {"IN_AADHAAR", "2341 2341 2346", "2341 2341 2347"}, {"IN_AADHAAR", "3123 4567 8909", "4222 2222 2224"},
	{"IN_GSTIN", "27AAPFU0939F1ZV", "27AAPFU0939F1ZO"}, {"KR_RRN", "971013-9019902", "971013-9019903"}, {"KR_BRN", "116-82-00276", "116-82-00277"},
	{"SG_UEN", "00192200M", "00192200N"}, {"SG_UEN", "197401143C", "197401143D"}, {"SG_UEN", "S16FC0121D", "S16FC0121E"},
	{"SG_NRIC_FIN", "S1234567D", "S1234567E"}, {"TH_TNIN", "1-2345-45678-78-1", "1-2345-45678-78-2"},
}

func TestMoreNumbersWithTheirCheckDigits(t *testing.T) {
	for _, e := range moreExamples {
		for value, want := range map[string]bool{e.good: true, e.bad: false} {
			valid, known := Valid(e.entity, value)
			assert.True(t, known, e.entity)
			assert.Equal(t, want, valid, "%s %s", e.entity, value)
		}
	}
}

// Every check here has an example, so that none is wrong unseen.
func TestEveryCheckHasAnExample(t *testing.T) {
	seen := map[string]bool{"it.teamcard": true, "lu.matricule": true} // nobody prints one; they are Luhn and Verhoeff
	for _, e := range examples {
		seen[e.entity] = true
	}
	for _, e := range moreExamples {
		seen[e.entity] = true
	}
	for entity, s := range schemes {
		country, kind, ok := strings.Cut(entity, ".")
		if s.check == nil || !ok || seen[entity] || kind == "vat" || country == "de" {
			continue
		}
		assert.Contains(t, sameAs, entity, "%s has no example", entity)
	}
}

// sameAs are names whose check another name's example tries.
var sameAs = map[string]string{
	"eu.at.02": "eu.at_02", "be.eid": "be.ogm_vcs", "be.ogm.vcs": "be.ogm_vcs", "be.ogm_vcs": "be.eid", "fi.ytunnus": "fi.alv", "sk.rc": "cz.rc", "pl.dowod": "PL_ID_CARD",
	"pl.id": "PL_ID_CARD", "pl.id.card": "PL_ID_CARD", "gb.nhs": "UK_NHS", "es.nie": "ES_NIE",
}
