package pii

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTaxNumbersWithoutTheCountrysCode(t *testing.T) {
	for _, c := range []struct{ kind, label, number string }{
		{"AT_UID", "UID", "U13585627"}, {"BG_VAT", "ДДС", "175074752"}, {"CZ_DIC", "DIČ", "25123891"}, {"DE_VAT_ID", "USt-IdNr", "136695976"},
		{"EE_KMKR", "KMKR", "100931558"}, {"FI_ALV", "ALV", "20774740"}, {"FR_TVA", "TVA", "40303265045"}, {"HU_ANUM", "adószám", "12892312"},
		{"IE_VAT", "VAT", "6433435F"}, {"LT_PVM", "PVM", "119511515"}, {"LU_TVA", "TVA", "15027442"}, {"MT_VAT", "VAT", "11679112"},
		{"NL_BTW", "btw-nummer", "004495445B01"}, {"RO_CUI", "CUI", "18547290"}, {"SE_VAT", "momsnummer", "123456789701"}, {"SK_DPH", "IČ DPH", "2022749619"},
		{"DE_TAX_NUMBER", "Steuernummer", "18181508155"}, {"DE_TAX_NUMBER", "Steuernummer", "181/815/0815 5"}, {"DE_HANDELSREGISTER", "Aachen", "HRA 11223"},
	} {
		want := []string{c.kind + ":" + c.number}
		assert.Equal(t, want, scanned(t, Request{Text: c.label + " " + c.number}), "beside its label")
		assert.Equal(t, want, scanned(t, Request{Text: c.number, Entities: []Type{Type(c.kind)}, MinScore: -1}), "asked for")
	}
	for _, text := range []string{"TVA 15027443", "VAT 6433435E", "CUI 18547291", "UID U13585628"} {
		for _, found := range scanned(t, Request{Text: text}) {
			assert.Contains(t, found, "NUMBER_SEQUENCE:", text)
		}
	}
}

func TestNamesOfPythonStdnumAreTypes(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nl.bsn", "1112.22.333", "NL_BSN:1112.22.333"}, {"es.ccc", "1234-1234-16 1234567890", "ES_CCC:1234-1234-16 1234567890"},
		{"cz.bankaccount", "34278-0727558021/0100", "CZ_BANKACCOUNT:34278-0727558021/0100"}, {"nl.onderwijsnummer", "101222331", "NL_ONDERWIJSNUMMER:101222331"},
		{"es.cups", "ES 1234-1234-5678-9012 JY 1F", "ES_CUPS:ES 1234-1234-5678-9012 JY 1F"}, {"ro.cf", "18547290", "RO_CUI:18547290"},
		{"dk.cpr", "211062-5629", "DK_CPR_NUMBER:211062-5629"}, {"be.ogm_vcs", "+++010/8068/17183+++", "BE_OGM_VCS:010/8068/17183"},
		{"imei", "35-209900-176148-1", "IMEI:35-209900-176148-1"}, {"es.iban", "ES91 2100 0418 4502 0005 1332", "IBAN_CODE:ES91 2100 0418 4502 0005 1332"},
		{"ID_CARD", "L01X00T4H", "IDENTITY_CARD:L01X00T4H"},
	} {
		assert.Equal(t, []string{c.want}, scanned(t, Request{Text: c.text, Entities: []Type{Type(c.name)}, MinScore: -1}), c.name)
	}
}

func TestTheWordsLanguageNamesTheCountry(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"it", "passaporto YA1234567", "IT_PASSPORT:YA1234567"}, {"it", "la targa è FA 123 BC", "IT_LICENSE_PLATE:FA 123 BC"},
		{"fr", "plaque FA 123 BC", "FR_LICENSE_PLATE:FA 123 BC"}, {"en", "my passport: XN0050415", "PASSPORT:XN0050415"},
		{"de", "Reisepass XN0050415", "DE_PASSPORT:XN0050415"}, {"pl", "paszport ZS0000177", "PL_PASSPORT:ZS0000177"},
	} {
		assert.Equal(t, []string{c.want}, scanned(t, Request{Text: c.text, Language: c.language}), c.text)
	}
}
