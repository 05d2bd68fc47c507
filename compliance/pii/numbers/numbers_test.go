package numbers

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// examples are numbers that the offices or the public descriptions of the
// schemes give as examples, or that were made up and counted out by hand. One
// digit less or more is another length, and refused.
var examples = []struct{ entity, good, bad string }{
	{"CREDIT_CARD", "4012 8888 8888 1881", "4012 8888 8888 1882"},
	{"CREDIT_CARD", "371449635398431", "371449635398432"},
	{"CREDIT_CARD", "30569309025904", "9056930902590"},
	{"IBAN_CODE", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"},
	{"IBAN_CODE", "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 33"},
	{"IBAN_CODE", "NO93 8601 1117 947", "NO93 8601 1117 94"},
	{"CRYPTO", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"},
	{"CRYPTO", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"},
	{"CRYPTO", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"},
	{"at.uid", "ATU13585627", "ATU13585626"}, {"at.vnr", "1237 010180", "2237 010180"},
	{"be.nn", "85.07.30-033.28", "85.07.30-033.29"}, {"be.vat", "BE0428759497", "BE0431150351"},
	{"bg.egn", "752316 926 3", "752316 926 4"}, {"bg.vat", "BG175074752", "BG175074751"},
	{"ch.ssn", "756.9217.0769.85", "756.9217.0769.84"}, {"ch.uid", "CHE-100.155.212", "CHE-100.155.213"},
	{"ch.vat", "CHE-107.787.577 IVA", "CHE-107.787.578 IVA"}, {"cy.vat", "CY-10259033P", "CY-10259033Z"},
	{"cz.rc", "710319/2745", "710319/2746"}, {"cz.dic", "CZ25123891", "CZ25123890"},
	{"DE_TAX_ID", "86 095 742 719", "86 095 742 718"}, {"DE_TAX_ID", "65 929 970 489", "11111111111"},
	{"DE_VAT_ID", "DE136695976", "DE136695978"}, {"DE_SOCIAL_SECURITY", "15 070649 C 103", "15 070649 C 104"},
	{"DE_HEALTH_INSURANCE", "A000500015", "A000500016"}, {"DE_LANR", "123456601", "123456701"},
	{"DE_PASSPORT", "C01X00T478", "C01X00T479"}, {"DE_ID_CARD", "L01X00T471", "L01X00T472"},
	{"DK_CPR_NUMBER", "211062-5629", "511062-5629"}, {"dk.cvr", "DK13585628", "DK13585627"},
	{"ee.ik", "36805280109", "36805280108"}, {"ee.kmkr", "EE100931558", "EE100594103"},
	{"ES_NIF", "54362315-K", "54362315-Z"}, {"ES_NIE", "X-2482300-W", "X-2482300-A"}, {"es.cif", "J99216582", "J99216583"},
	{"FI_PERSONAL_IDENTITY_CODE", "131052-308T", "131052-308U"}, {"fi.alv", "FI20774740", "FI20774741"},
	{"FR_NIR", "2 95 10 99 126 111 93", "2 95 10 99 126 111 99"}, {"FR_NIR", "253072B07300470", "253072C07300470"},
	{"fr.siren", "404 833 048", "404 833 047"}, {"FR_SIRET", "732 829 320 00074", "732 829 320 00079"},
	{"fr.tva", "FR40303265045", "FR84323140391"}, {"fr.tva", "K7399859412", "IO334175221"},
	{"UK_NHS", "943-476-5870", "943-476-5871"}, {"gb.vat", "GB980780684", "GB802311781"}, {"gb.utr", "1955839661", "2955839661"},
	{"gr.vat", "EL094259216", "EL123456781"}, {"gr.amka", "01013099997", "01013099999"}, {"hr.oib", "33392005961", "33392005962"},
	{"hu.anum", "HU-12892312", "HU-12892313"}, {"ie.pps", "6433435F", "6433435E"}, {"ie.pps", "6433435OA", "6433435VH"},
	{"IT_FISCAL_CODE", "RCC MNL 83S18 D969H", "RCC MNL 83S18 D969I"}, {"IT_VAT_CODE", "IT 00743110157", "IT 00743110158"},
	{"lt.asmens", "33309240064", "33309240164"}, {"lt.pvm", "119511515", "119511516"}, {"lu.tva", "LU15027442", "LU15027443"},
	{"lv.pvn", "LV40003521600", "LV40003521601"}, {"mt.vat", "MT11679112", "MT11679113"},
	{"nl.bsn", "1112.22.333", "1112.52.333"}, {"NL_BTW", "NL004495445B01", "NL123456789B90"},
	{"no.fodselsnummer", "151086 95088", "151086 95077"}, {"no.orgnr", "988 077 917", "988 077 918"},
	{"PL_PESEL", "44051401359", "44051401358"}, {"pl.nip", "856-734-62-15", "856-734-62-16"}, {"pl.regon", "192598184", "192598183"},
	{"PL_ID_CARD", "ABA 300000", "ABA 400000"},
	{"pt.nif", "PT501964843", "PT501964842"}, {"pt.cc", "00000000 0 ZZ4", "00000000 0 ZZ3"},
	{"ro.cnp", "1630615123457", "1630615123458"}, {"ro.cui", "RO18547290", "RO18547291"},
	{"SE_PERSONNUMMER", "880320-0016", "880320-0018"}, {"SE_ORGANISATIONSNUMMER", "556703-7485", "556703-7486"},
	{"si.ddv", "SI50223054", "SI50223055"}, {"si.emso", "0101006500006", "0101006500007"}, {"sk.dph", "SK2022749619", "SK2022749618"},
	{"eu.vat", "ATU13585627", "ATU13585626"}, {"vatin", "DE136695976", "DE136695978"},
	{"lei", "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13"}, {"isin", "US0378331005", "US0378331006"}, {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"},
	{"eu.eic", "10YTR-TEIAS----W", "10YTR-TEIAS----V"}, {"eu.eic", "21Z000000000163R", "21Z000000000163S"},
	{"eu.banknote", "X00025041809", "X00025041808"}, {"eu.banknote", "U02401890701", "V02401890701"}, {"eu.banknote", "VA0436214792", "VB0436214792"},
	{"eu.ecnumber", "200-236-6", "200-236-7"}, {"MEDICAL_LICENSE", "BB1388568", "BB1388569"}, {"us.dea", "F91234563", "F91234564"},
	{"de.steueridentifikationsnummer", "65 929 970 489", "65 929 970 488"},
	{"at.tin", "59-119/9013", "01-119/9013"}, {"be.nn", "17 07 30 033 84", "85073903328"}, {"be.bis", "98.47.28-997.65", "98.07.28-997.65"},
	{"cz.bankaccount", "34278-0727558021/0100", "34278-0727558021/9999"}, {"de.leitweg", "991-03730-19", "1-03730-19"},
	{"ee.ik", "36805280109", "96805280109"}, {"fi.hetu", "131052-308T", "131052-000T"}, {"fr.nif", "3023217600053", "3023217600054"},
	{"fr.rcs", "RCS Paris B 404 833 048", "RCS Paris B 404 833 047"}, {"ie.pps", "6433435FT", "6433435FN"},
	{"iban", "BE31 4354 1116 1155", "BE01 4369 1116 1159"}, {"no.fodselsnummer", "151086-95088", "15808695088"},
	{"se.personnummer", "811228-9841", "811288-9841"}, {"si.maticna", "9331310000", "9331320000"}, {"gb.upn", "B801200005001", "B801200005002"},
	{"eu.at_02", "ES23ZZZ47690558N", "ES2XZZZ47690558N"},
}

func TestNumbersWithTheirCheckDigits(t *testing.T) {
	for _, e := range examples {
		valid, known := Valid(e.entity, e.good)
		assert.True(t, known, e.entity)
		assert.True(t, valid, "%s %s", e.entity, e.good)
		valid, known = Valid(e.entity, e.bad)
		assert.True(t, known, e.entity)
		assert.False(t, valid, "%s %s", e.entity, e.bad)
	}
}

func TestWithoutACheckDigitNothingIsSaid(t *testing.T) {
	for _, entity := range []string{"nl.postcode", "UK_NINO", "PHONE_NUMBER", "de.stnr", "nothing.known", strings.Repeat("x", 100)} {
		_, known := Valid(entity, "123456789")
		assert.False(t, known, entity)
	}
	_, known := Valid("DE_PASSPORT", "C01X00T47")
	assert.False(t, known, "the printed number has no check digit")
}

func TestAValueThatIsNoNumberIsInvalid(t *testing.T) {
	for entity := range schemes {
		for _, v := range []string{"", " ", "é", "\x00", "-", "ABC", strings.Repeat("1", 1000), "1", "X", "99999999999999999999999999999999999", "0x"} {
			if valid, _ := Valid(entity, v); valid {
				assert.Contains(t, []string{"nl.bsn"}, entity, "%q", v)
			}
		}
	}
}

// oneDigit are the schemes that notice any one digit that is wrong; those of
// swaps notice two neighbours that changed places as well.
var oneDigit = []string{
	"CREDIT_CARD", "IBAN_CODE", "be.nn", "ch.ssn", "DE_TAX_ID", "DE_VAT_ID", "ES_NIF", "FR_NIR", "fr.siren", "UK_NHS",
	"hr.oib", "IT_VAT_CODE", "nl.bsn", "no.orgnr", "PL_PESEL", "pl.nip", "SE_ORGANISATIONSNUMMER", "fi.alv", "lu.tva", "dk.cvr",
}

var swaps = map[string]bool{"IBAN_CODE": true, "be.nn": true, "ES_NIF": true, "FR_NIR": true, "UK_NHS": true, "no.orgnr": true, "nl.bsn": true}

func TestOneWrongDigitIsNoticed(t *testing.T) {
	good := map[string]string{}
	for _, e := range examples {
		compact, _ := Compact(e.good)
		if good[e.entity] == "" {
			good[e.entity] = compact
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		entity := rapid.SampledFrom(oneDigit).Draw(t, "entity")
		s := []byte(good[entity])
		at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
		if s[at]-'0' > 9 {
			return
		}
		other := s[at]
		for other == s[at] {
			other = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		}
		s[at] = other
		valid, _ := Valid(entity, string(s))
		assert.False(t, valid, "%s %s", entity, s)
	})
	rapid.Check(t, func(t *rapid.T) {
		entity := rapid.SampledFrom(oneDigit).Draw(t, "entity")
		s := []byte(good[entity])
		at := rapid.IntRange(0, len(s)-2).Draw(t, "at")
		if !swaps[entity] || s[at] == s[at+1] || s[at]-'0' > 9 || s[at+1]-'0' > 9 {
			return
		}
		s[at], s[at+1] = s[at+1], s[at]
		valid, _ := Valid(entity, string(s))
		assert.False(t, valid, "%s %s", entity, s)
	})
}

func FuzzValid(f *testing.F) {
	for _, e := range examples {
		f.Add(e.entity, e.good)
	}
	f.Fuzz(func(t *testing.T, entity, value string) {
		valid, known := Valid(entity, value)
		if valid && !known {
			t.Fatal("valid, but not known")
		}
	})
}
