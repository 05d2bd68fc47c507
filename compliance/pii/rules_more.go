package pii

import (
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/numbers"
)

// The rules of the north, the east and the south of Europe.

var nordicRules = []rule{
	{kind: "DK_CPR_NUMBER", shape: "d10", seps: "- ", groups: "6-4", check: "DK_CPR_NUMBER", score: 0.5, about: topics(aboutSocial), words: "cpr* personnummer", country: "DK"},
	{kind: "DK_CPR_NUMBER", shape: "d10", form: danishBirth, score: 0.3, about: topics(aboutSocial), words: "cpr* personnummer", country: "DK"},
	{kind: "DK_CPR_NUMBER", shape: "d10", seps: "- ", groups: "6-4", apart: true, form: danishBirth, score: 0.5, about: topics(aboutSocial), words: "cpr* personnummer", country: "DK"},
	{kind: "DK_CVR", shape: "=DK d8", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "DK"},
	{kind: "DK_CVR", shape: "d8", seps: " ", groups: "2-2-2-2", check: "dk.cvr", score: 0.1, about: topics(aboutCompany), words: "cvr", country: "DK"},
	{kind: "DK_PASSPORT", shape: "d9", score: 0.02, about: topics(aboutPassport), country: "DK"},
	{kind: "DK_DRIVING_LICENCE", shape: "d8", score: 0.02, about: topics(aboutLicence), country: "DK"},
	{kind: "FI_PERSONAL_IDENTITY_CODE", shape: "d6 l1 d3 a1|d6 d3 a1", seps: "-+", groups: "6-4", raw: true, check: "FI_PERSONAL_IDENTITY_CODE", score: 0.5, evident: true, about: topics(aboutSocial, aboutIdentity), words: "hetu henkilotunnus personbeteckning*", country: "FI"},
	{kind: "FI_ALV", shape: "=FI d8", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "FI"},
	{kind: "FI_YTUNNUS", shape: "d8", seps: "-", groups: "7-1", check: "fi.ytunnus", score: 0.3, about: topics(aboutCompany), words: "y_tunnus ytunnus", country: "FI"},
	{kind: "FI_PASSPORT", shape: "l2 d7", score: 0.05, about: topics(aboutPassport), country: "FI"},
	{kind: "NO_FODSELSNUMMER", shape: "d11", seps: " -", groups: "6-5", check: "no.fodselsnummer", score: 0.5, evident: true, about: topics(aboutSocial), words: "fodselsnummer* fodselsnr personnummer", country: "NO"},
	{kind: "NO_ORGNR", shape: "d9", seps: " ", groups: "3-3-3", check: "no.orgnr", score: 0.2, about: topics(aboutCompany), words: "orgnr org_nr organisasjonsnummer*", country: "NO"},
	{kind: "NO_MVA", shape: "=NO d9 l3|d9 l3", seps: " .-", check: "no.mva", form: func(s string) bool { return s[len(s)-3:] == "MVA" }, score: 0.5, evident: true, about: topics(aboutTax), country: "NO"},
	{kind: "NO_KONTONR", shape: "d11", seps: " .", groups: "4-2-5", check: "no.kontonr", score: 0.2, about: topics(aboutBank), words: "kontonummer kontonr", country: "NO"},
	{kind: "NO_PASSPORT", shape: "d8|l3 d5", score: 0.02, about: topics(aboutPassport), country: "NO"},
	{kind: "NO_DRIVING_LICENCE", shape: "d11", seps: " ", groups: "2-2-6-1", score: 0.02, about: topics(aboutLicence), country: "NO"},
	{kind: "SE_PERSONNUMMER", shape: "d10|d12", seps: "-+", groups: "6-4 8-4", check: "SE_PERSONNUMMER", score: 0.5, about: topics(aboutSocial), words: "personnummer* samordningsnummer", country: "SE"},
	{kind: "SE_ORGANISATIONSNUMMER", shape: "d10", seps: "-", groups: "6-4", check: "SE_ORGANISATIONSNUMMER", score: 0.6, about: topics(aboutCompany), words: "organisationsnummer* orgnr org_nr foretagsnummer", country: "SE"},
	{kind: "SE_VAT", shape: "=SE d12", seps: " -", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "SE"},
	{kind: "SE_PASSPORT", shape: "d8|l2 d6", score: 0.02, about: topics(aboutPassport), country: "SE"},
	{kind: "EE_IK", shape: "d11", check: "ee.ik", score: 0.4, evident: true, about: topics(aboutSocial, aboutIdentity), words: "isikukood*", country: "EE"},
	{kind: "EE_KMKR", shape: "=EE d9", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "EE"},
	{kind: "EE_REGISTRIKOOD", shape: "d8", check: "ee.registrikood", score: 0.1, about: topics(aboutCompany), words: "registrikood*", country: "EE"},
	{kind: "EE_PASSPORT", shape: "l1 d7|l2 d7", score: 0.05, about: topics(aboutPassport), country: "EE"},
	{kind: "LT_ASMENS", shape: "d11", check: "lt.asmens", score: 0.4, evident: true, about: topics(aboutSocial, aboutIdentity), words: "asmens", country: "LT"},
	{kind: "LT_PVM", shape: "=LT d9|=LT d12", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "LT"},
	{kind: "LT_PASSPORT", shape: "d8", score: 0.02, about: topics(aboutPassport), country: "LT"},
	{kind: "LV_PK", shape: "d11", seps: "-", groups: "6-5", check: "lv.pk", score: 0.4, about: topics(aboutSocial, aboutIdentity), words: "personas kods", country: "LV"},
	{kind: "LV_PVN", shape: "d11", seps: "-", groups: "6-5", check: "lv.pvn", score: 0.1, about: topics(aboutTax), words: "pvn", country: "LV"},
	{kind: "LV_PVN", shape: "=LV d11", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "LV"},
	{kind: "LV_PASSPORT", shape: "l2 d7", score: 0.05, about: topics(aboutPassport), country: "LV"},
}

// danishBirth tells whether a Danish number begins with a day. Numbers since
// 2007 need not have a check digit.
var danishBirth = numbers.Checker("dk.cpr")

var easternRules = []rule{
	{kind: "CZ_RC", shape: "d10", seps: "/ ", groups: "6-4", check: "cz.rc", score: 0.4, about: topics(aboutSocial, aboutIdentity), words: "rodne* rodneho", country: "CZ"},
	{kind: "CZ_RC", shape: "d9", seps: "/", groups: "6-3", check: "cz.rc", score: 0.1, about: topics(aboutSocial), words: "rodne* rodneho", country: "CZ"},
	{kind: "CZ_DIC", shape: "=CZ d8|=CZ d9|=CZ d10", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "CZ"},
	{kind: "CZ_ICO", shape: "d8", seps: " ", groups: "3-2-3", check: "cz.ico", score: 0.1, about: topics(aboutCompany), words: "ico", country: "CZ"},
	{kind: "CZ_PASSPORT", shape: "d8|d7", score: 0.02, about: topics(aboutPassport), country: "CZ"},
	{kind: "CZ_IDENTITY_CARD", shape: "d9|d6 l2", score: 0.02, about: topics(aboutIdentity), country: "CZ"},
	{kind: "SK_RC", shape: "d10", seps: "/", groups: "6-4", check: "sk.rc", score: 0.39, about: topics(aboutSocial, aboutIdentity), words: "rodne* rodneho", country: "SK"},
	{kind: "SK_RC", shape: "d9", seps: "/", groups: "6-3", check: "sk.rc", score: 0.09, about: topics(aboutSocial), words: "rodne* rodneho", country: "SK"},
	{kind: "SK_DPH", shape: "=SK d10", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "SK"},
	{kind: "SK_PASSPORT", shape: "l2 d7|l1 d7", score: 0.05, about: topics(aboutPassport), country: "SK"},
	{kind: "SK_IDENTITY_CARD", shape: "l2 d6", score: 0.05, about: topics(aboutIdentity), country: "SK"},
	{kind: "HU_ANUM", shape: "=HU d8", seps: " -", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "HU"},
	{kind: "HU_ANUM", shape: "d11", seps: "-", groups: "8-1-2", form: func(s string) bool { return hungarianTax(s[:8]) }, score: 0.4, about: topics(aboutTax), words: "adoszam*", country: "HU"},
	{kind: "HU_TAJ", shape: "d9", seps: " -", groups: "3-3-3", check: "hu.taj", score: 0.2, about: topics(aboutSocial, aboutHealth), words: "taj", country: "HU"},
	{kind: "HU_TAX_ID", shape: "=8 d9", check: "hu.adoazonosito", score: 0.2, about: topics(aboutTax), words: "adoazonosito*", country: "HU"},
	{kind: "HU_IDENTITY_CARD", shape: "d6 l2", score: 0.1, about: topics(aboutIdentity), country: "HU"},
	{kind: "HU_PASSPORT", shape: "l2 d6|l2 d7", score: 0.05, about: topics(aboutPassport), country: "HU"},
	{kind: "RO_CNP", shape: "d13", seps: " ", check: "ro.cnp", score: 0.4, evident: true, about: topics(aboutSocial, aboutIdentity), words: "cnp", country: "RO"},
	{kind: "RO_CUI", shape: "=RO d6|=RO d7|=RO d8|=RO d9|=RO d10", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "RO"},
	{kind: "RO_IDENTITY_CARD", shape: "l2 d6", seps: " ", groups: "2-6", score: 0.05, about: topics(aboutIdentity), country: "RO"},
	{kind: "RO_PASSPORT", shape: "d8|d9", score: 0.02, about: topics(aboutPassport), country: "RO"},
	{kind: "BG_EGN", shape: "d10", seps: " ", check: "bg.egn", score: 0.3, about: topics(aboutSocial, aboutIdentity), words: "egn егн", country: "BG"},
	{kind: "BG_PNF", shape: "d10", check: "bg.pnf", score: 0.1, about: topics(aboutIdentity), words: "lnch лнч", country: "BG"},
	{kind: "BG_VAT", shape: "=BG d9|=BG d10", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "BG"},
	{kind: "BG_PASSPORT", shape: "d9|l2 d7", score: 0.02, about: topics(aboutPassport), country: "BG"},
}

// hungarianTax checks the first eight digits of a company's tax number.
var hungarianTax = numbers.Checker("hu.anum")

var southernRules = []rule{
	{kind: "HR_OIB", shape: "d11", check: "hr.oib", score: 0.3, about: topics(aboutSocial, aboutTax, aboutIdentity), words: "oib*", country: "HR"},
	{kind: "HR_OIB", shape: "=HR d11", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "HR"},
	{kind: "HR_IDENTITY_CARD", shape: "d9", score: 0.02, about: topics(aboutIdentity), country: "HR"},
	{kind: "HR_PASSPORT", shape: "d9", score: 0.02, about: topics(aboutPassport), country: "HR"},
	{kind: "SI_EMSO", shape: "d13", seps: " ", check: "si.emso", score: 0.4, evident: true, about: topics(aboutSocial, aboutIdentity), words: "emso", country: "SI"},
	{kind: "SI_DDV", shape: "=SI d8", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "SI"},
	{kind: "SI_DDV", shape: "d8", check: "si.ddv", score: 0.1, about: topics(aboutTax), words: "davcna davcno", country: "SI"},
	{kind: "SI_PASSPORT", shape: "l2 d7", form: func(s string) bool { return s[0] == 'P' }, score: 0.05, about: topics(aboutPassport), country: "SI"},
	{kind: "GR_AMKA", shape: "d11", check: "gr.amka", score: 0.4, about: topics(aboutSocial, aboutHealth), words: "amka αμκα", country: "GR"},
	{kind: "GR_VAT", shape: "=EL d9|=GR d9", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "GR"},
	{kind: "GR_VAT", shape: "d9", check: "gr.vat", score: 0.1, about: topics(aboutTax), words: "afm αφμ", country: "GR"},
	{kind: "GR_IDENTITY_CARD", shape: "l2 d6", seps: "- ", groups: "2-6", score: 0.1, about: topics(aboutIdentity), country: "GR"},
	{kind: "GR_PASSPORT", shape: "l2 d7", score: 0.05, about: topics(aboutPassport), country: "GR"},
	// Guests bring papers of other countries too.
	{kind: Passport, shape: "d9|l1 d8|l2 d7|l2 d6|l1 d7", score: 0.06, about: topics(aboutPassport)},
	{kind: Passport, shape: "a8|a9", form: mixedCode, score: 0.03, about: topics(aboutPassport)},
	{kind: IdentityCard, shape: "a8|a9|a10", form: mixedCode, score: 0.03, about: topics(aboutIdentity)},
	{kind: IdentityCard, shape: "d9|l2 d7|l3 d6|d8 l1|l1 d8|d8|l2 d6", score: 0.06, about: topics(aboutIdentity)},
	{kind: DrivingLicence, shape: "d8|d9|d10|d11|l2 d7 l1|l1 d8|l2 d8", score: 0.06, about: topics(aboutLicence)},
}

// mixedCode tells whether s has letters and at least three digits.
func mixedCode(s string) bool {
	digits := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			digits++
		}
	}
	return digits >= 3 && digits < len(s)
}

// Number plates. Only few say by themselves what they are.
var plateRules = []rule{
	{kind: "UK_VEHICLE_REGISTRATION", shape: "l2 d2 l3", seps: " -", groups: "4-3 2-2-3", score: 0.3, evident: true, form: ukPlate, about: topics(aboutPlate, aboutCar), country: "GB"},
	{kind: "UK_VEHICLE_REGISTRATION", shape: "l1 d1 l3|l1 d2 l3|l1 d3 l3", seps: " -", groups: "2-3 3-3 4-3", form: func(s string) bool { return strings.IndexByte("IOQUZ", s[0]) < 0 }, score: 0.2, about: topics(aboutPlate, aboutCar), country: "GB"},
	{kind: "UK_VEHICLE_REGISTRATION", shape: "l3 d1 l1|l3 d2 l1|l3 d3 l1", seps: " -", groups: "3-2 3-3 3-4", form: func(s string) bool { return strings.IndexByte("IOQUZ", s[len(s)-1]) < 0 }, score: 0.15, about: topics(aboutPlate, aboutCar), country: "GB"},
	germanPlate(2), germanPlate(3), germanPlate(4), germanPlate(5),
	{kind: "FR_LICENSE_PLATE", shape: "l2 d3 l2", seps: " -", groups: "2-3-2", score: 0.3, evident: true, form: func(s string) bool { return !strings.ContainsAny(s[:2]+s[5:], "IOU") }, about: topics(aboutPlate, aboutCar), words: "plaque* immatricul*", country: "FR"},
	{kind: "IT_LICENSE_PLATE", shape: "l2 d3 l2", seps: " ", groups: "2-3-2 2-5", score: 0.29, form: func(s string) bool { return !strings.ContainsAny(s[:2]+s[5:], "IOQU") }, about: topics(aboutPlate, aboutCar), words: "targa*", country: "IT"},
	{kind: "ES_LICENSE_PLATE", shape: "l1 d4 l2|l2 d4 l2|l2 d4 l1", seps: " -", groups: "1-4-2 2-4-2 2-4-1", score: 0.2, about: topics(aboutPlate, aboutCar), country: "ES"},
	{kind: "ES_LICENSE_PLATE", shape: "d4 l3", seps: " -", groups: "4-3", score: 0.3, form: func(s string) bool { return !strings.ContainsAny(s[4:], "AEIOUQ") }, about: topics(aboutPlate, aboutCar), country: "ES"},
	{kind: "NL_LICENSE_PLATE", shape: "l2 d3 l1|l1 d3 l2|d2 l3 d1|d1 l3 d2|l3 d2 l1|d2 l2 d2|d2 l2 l2|l2 d2 d2|l2 l2 d2|d2 d2 l2|l2 d2 l2", seps: "-", groups: "2-3-1 1-3-2 3-2-1 2-2-2", score: 0.3, about: topics(aboutPlate, aboutCar), country: "NL"},
	{kind: "BE_LICENSE_PLATE", shape: "d1 l3 d3", seps: "- ", groups: "1-3-3", score: 0.3, about: topics(aboutPlate, aboutCar), country: "BE"},
	{kind: "PL_LICENSE_PLATE", shape: "l2 d5|l3 d4|l3 d5|l2 d4 l1|l2 d3 l2|l3 d3 l1|l3 d2 l2|l3 l1 d3|l3 d1 l1 d2|l3 d2 l1 d1", seps: " ", groups: "2-5 3-4 3-5", score: 0.2, about: topics(aboutPlate, aboutCar), country: "PL"},
	{kind: "AT_LICENSE_PLATE", shape: "l1 d3 l1|l1 d3 l2|l1 d4 l1|l1 d4 l2|l1 d5 l1|l2 d3 l1|l2 d3 l2|l2 d2 l3|l2 d4 l1|l2 d1 l3", seps: "- ", groups: "1-3-1 1-4 1-3-2 1-5 1-4-1 1-6 1-4-2 1-7 1-5-1 2-3-1 2-4 2-3-2 2-5 2-2-3 2-4-1 2-1-3", score: 0.15, about: topics(aboutPlate, aboutCar), country: "AT"},
	{kind: "CH_LICENSE_PLATE", shape: "l2 d3|l2 d4|l2 d5|l2 d6", seps: "- ", groups: "2-3 2-4 2-5 2-6 2-3-3 2-2-3", score: 0.1, form: swissPlate, about: topics(aboutPlate, aboutCar), country: "CH"},
	{kind: "PT_LICENSE_PLATE", shape: "l2 d2 l2|d2 l2 d2", seps: "- ", groups: "2-2-2", score: 0.2, about: topics(aboutPlate, aboutCar), country: "PT"},
	{kind: "SE_LICENSE_PLATE", shape: "l3 d3|l3 d2 l1", seps: " ", groups: "3-3", score: 0.1, about: topics(aboutPlate, aboutCar), country: "SE"},
	{kind: "DK_LICENSE_PLATE", shape: "l2 d5", seps: " ", groups: "2-5 2-2-3", score: 0.1, about: topics(aboutPlate, aboutCar), country: "DK"},
	{kind: "NO_LICENSE_PLATE", shape: "l2 d5", seps: " ", groups: "2-5", score: 0.09, about: topics(aboutPlate, aboutCar), country: "NO"},
	{kind: "FI_LICENSE_PLATE", shape: "l3 d3|l2 d3", seps: "-", groups: "3-3 2-3", score: 0.09, about: topics(aboutPlate, aboutCar), country: "FI"},
	{kind: "IE_LICENSE_PLATE", shape: "d3 l1 d4|d3 l1 d5|d3 l2 d4|d2 l1 d4|d2 l1 d5|d3 l1 d6", seps: "- ", groups: "3-1-4 3-1-5 3-2-4 2-1-4 2-1-5 3-1-6", score: 0.25, about: topics(aboutPlate, aboutCar), country: "IE"},
	{kind: "CZ_LICENSE_PLATE", shape: "d1 l1 d1 d4|d1 l2 d4", seps: " ", groups: "3-4", score: 0.2, about: topics(aboutPlate, aboutCar), country: "CZ"},
	{kind: "SK_LICENSE_PLATE", shape: "l2 d3 l2", seps: "- ", groups: "2-3-2 2-5", score: 0.1, about: topics(aboutPlate, aboutCar), country: "SK"},
	{kind: "HU_LICENSE_PLATE", shape: "l3 d3|l4 d3", seps: "- ", groups: "3-3 2-2-3 4-3", score: 0.1, about: topics(aboutPlate, aboutCar), country: "HU"},
	{kind: "HR_LICENSE_PLATE", shape: "l2 d3 l2|l2 d4 l2|l2 d4 l1|l2 d3 l1", seps: " -", groups: "2-3-2 2-4-2 2-4-1 2-3-1", score: 0.15, about: topics(aboutPlate, aboutCar), country: "HR"},
	{kind: "SI_LICENSE_PLATE", shape: "l2 a5", seps: " -", groups: "2-2-3 2-5 2-3-2", score: 0.05, about: topics(aboutPlate, aboutCar), country: "SI"},
	{kind: "RO_LICENSE_PLATE", shape: "l2 d2 l3|l1 d2 l3|l1 d3 l3", seps: " -", groups: "2-2-3 1-2-3 1-3-3", score: 0.2, about: topics(aboutPlate, aboutCar), country: "RO"},
	{kind: "BG_LICENSE_PLATE", shape: "l1 d4 l2|l2 d4 l2", seps: " ", groups: "1-4-2 2-4-2", score: 0.2, about: topics(aboutPlate, aboutCar), country: "BG"},
	{kind: "GR_LICENSE_PLATE", shape: "l3 d4", seps: "- ", groups: "3-4", score: 0.1, about: topics(aboutPlate, aboutCar), country: "GR"},
	{kind: "CY_LICENSE_PLATE", shape: "l3 d3", seps: " ", groups: "3-3", score: 0.05, about: topics(aboutPlate, aboutCar), country: "CY"},
	{kind: "LT_LICENSE_PLATE", shape: "l3 d3", seps: " ", groups: "3-3", score: 0.05, about: topics(aboutPlate, aboutCar), country: "LT"},
	{kind: "LV_LICENSE_PLATE", shape: "l2 d4|l2 d3|l2 d2", seps: "- ", groups: "2-4 2-3 2-2", score: 0.05, about: topics(aboutPlate, aboutCar), country: "LV"},
	{kind: "EE_LICENSE_PLATE", shape: "d3 l3", seps: " ", groups: "3-3", score: 0.1, about: topics(aboutPlate, aboutCar), country: "EE"},
	{kind: "LU_LICENSE_PLATE", shape: "l2 d4", seps: " ", groups: "2-4", score: 0.01, about: topics(aboutPlate, aboutCar), country: "LU"},
	{kind: "LU_LICENSE_PLATE", shape: "d4|d5", score: 0.01, about: topics(aboutPlateName), country: "LU"},
	{kind: "MT_LICENSE_PLATE", shape: "l3 d3", seps: " -", groups: "3-3", score: 0.05, about: topics(aboutPlate, aboutCar), country: "MT"},
}

// ukPlate tells whether the two digits of a plate are of a half-year that was.
func ukPlate(s string) bool {
	age := int(s[2]-'0')*10 + int(s[3]-'0')
	return (age >= 2 && age <= 29 || age >= 51 && age <= 79) && !strings.ContainsAny(s, "IQ") && s[0] != 'Z' && s[1] != 'Z'
}

func swissPlate(s string) bool {
	const cantons = "AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH "
	return strings.Contains(cantons, s[:2]+" ")
}

// germanPlate is the rule of plates with so many letters: a district's, two at
// most of their own, digits, a mark. A sign stands between both kinds of letters.
func germanPlate(letters int) rule {
	var shapes, groups []string
	for digits := 1; digits <= 4; digits++ {
		shape := fmt.Sprintf("l%d d%d", letters, digits)
		shapes = append(shapes, shape, shape+" =E", shape+" =H")
	}
	for own := 1; own <= 2; own++ {
		district := letters - own
		if district < 1 || district > 3 {
			continue
		}
		for digits := 1; digits <= 5; digits++ {
			groups = append(groups, fmt.Sprintf("%d-%d-%d", district, own, digits), fmt.Sprintf("%d-%d", district, own+digits))
		}
	}
	return rule{
		kind: "DE_KFZ", shape: strings.Join(shapes, "|"), seps: " -", groups: strings.Join(groups, " "), apart: true,
		score: 0.3, about: topics(aboutPlate, aboutCar), country: "DE",
	}
}

// Post codes. Alone they say little: they need a word beside them.
var postCodeRules = []rule{
	{kind: "UK_POSTCODE", shape: "l1 d1 d1 l2|l1 d2 d1 l2|l1 d1 l1 d1 l2|l2 d1 d1 l2|l2 d2 d1 l2|l2 d1 l1 d1 l2|=GIR0AA", seps: " ", groups: "2-3 3-3 4-3", form: ukPostCode, score: 0.1, about: topics(aboutPostCode, aboutAddress), country: "GB"},
	{kind: "DE_PLZ", home: true, shape: "d5", form: func(s string) bool { return s >= "01001" && s <= "99998" }, score: 0.05, about: topics(aboutPostCode, aboutAddress), country: "DE"},
	{kind: "NL_POSTAL_CODE", shape: "d4 l2", seps: " ", groups: "4-2", form: dutchPostCode, score: 0.3, about: topics(aboutPostCode, aboutAddress), country: "NL"},
	{kind: "PL_POSTAL_CODE", shape: "d5", seps: "-", groups: "2-3", apart: true, score: 0.2, about: topics(aboutPostCode, aboutAddress), country: "PL"},
	{kind: "IE_POSTAL_CODE", shape: "l1 d2 a4|=D6W a4", seps: " ", groups: "3-4", score: 0.2, about: topics(aboutPostCode, aboutAddress), words: "eircode", country: "IE"},
	{kind: "PT_POSTAL_CODE", shape: "d7", seps: "-", groups: "4-3", apart: true, score: 0.2, about: topics(aboutPostCode, aboutAddress), country: "PT"},
	{kind: PostCode, shape: "d5", seps: " ", groups: "3-2", score: 0.02, about: topics(aboutPostCode, aboutAddress)},
	{kind: PostCode, shape: "d4", score: 0.02, about: topics(aboutPostCode)},
}

// ukPostCode tells whether the letters are those that the post uses.
func ukPostCode(s string) bool {
	if s == "GIR0AA" {
		return true
	}
	n := len(s)
	return strings.IndexByte("QVX", s[0]) < 0 && (!isUpper(s[1]) || strings.IndexByte("IJZ", s[1]) < 0) &&
		!strings.ContainsAny(s[n-2:], "CIKMOV")
}

// dutchPostCode tells whether the two letters are given out.
func dutchPostCode(s string) bool {
	return s[0] != '0' && s[4:] != "SA" && s[4:] != "SD" && s[4:] != "SS"
}
