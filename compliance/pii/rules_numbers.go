package pii

import "strings"

// The rules of countries' numbers. Forms and names are those of the offices
// that give the numbers out; where Presidio has a type for one, its name and
// its score stand here, so that both say the same of a text.

var paymentRules = []rule{
	{kind: CreditCard, shape: "d12|d13|d14|d15|d16|d17|d18|d19", seps: " -.", groups: "4-4-4-4 4-6-5 4-6-4 4-4-4-4-3 4-4-4-1 8-8 4-4-4-4-2", loose: true, check: "CREDIT_CARD", evident: true, score: 0.3, about: topics(aboutCard)},
	{kind: IBAN, shape: ibanShapes(), seps: " -.", anywhere: true, check: "IBAN_CODE", evident: true, score: 0.5, about: topics(aboutBank)},
	{kind: "EU_HEALTH_CARD", shape: "=80 d18", seps: " -", score: 0.3, about: topics(aboutHealth, aboutSocial), words: "ehic ekuz europaische europeenne europea european"},
	{kind: "MEDICAL_LICENSE", shape: "l2 d7|l1 =9 d7", check: "MEDICAL_LICENSE", score: 0.4, words: "dea medical prescriber physician certificate"},
}

// ibanShapes are all lengths that a country gives out.
func ibanShapes() string {
	var all []string
	for n := 15; n <= 33; n++ {
		all = append(all, "l2 d2 a"+string(rune('0'+(n-4)/10))+string(rune('0'+(n-4)%10)))
	}
	return strings.Join(all, "|")
}

const icaoLetters = "CFGHJKLMNPRTVWXYZ"

// germanPaper tells whether s is written in the letters of German papers.
func germanPaper(s string) bool {
	digits := 0
	for i := range len(s) {
		switch {
		case isDigit(s[i]):
			digits++
		case strings.IndexByte(icaoLetters, s[i]) < 0:
			return false
		}
	}
	return isUpper(s[0]) && digits >= 2
}

// germanLicence tells whether s is the number of a card that is a German driving
// licence: letters and digits, and the count of cards at its end.
func germanLicence(s string) bool {
	digits := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			digits++
		}
	}
	return isUpper(s[0]) && digits >= 4
}

var germanRules = []rule{
	{kind: "DE_TAX_ID", shape: "d11", seps: " ", groups: "2-3-3-3 3-3-3-2", check: "DE_TAX_ID", score: 0.5, about: topics(aboutTax), country: "DE",
		words: "steuer_id steueridentifikationsnummer* steuerid steuer_idnr identifikationsnummer tax_id steuerliche"},
	{kind: "DE_TAX_NUMBER", shape: "d11|d10", seps: "/ ", groups: "3-3-5 2-3-5 3-4-4", apart: true, score: 0.4, about: topics(aboutTax), country: "DE", words: "steuernummer* steuer_nummer steuer_nr st_nr"},
	{kind: "DE_TAX_NUMBER", shape: "d13", form: func(s string) bool { return s[:2] >= "01" && s[:2] <= "16" }, score: 0.5, about: topics(aboutTax), country: "DE", words: "steuernummer* elster"},
	{kind: "DE_VAT_ID", shape: "=DE d9", seps: " .-", check: "de.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "DE"},
	{kind: "DE_SOCIAL_SECURITY", shape: "d8 l1 d3", seps: " ", groups: "2-6-1-3 8-1-3 2-6-4 2-2-2-2-1-3", check: "DE_SOCIAL_SECURITY", score: 0.5, evident: true, about: topics(aboutSocial), country: "DE"},
	{kind: "DE_HEALTH_INSURANCE", shape: "l1 d9", seps: " ", groups: "1-9 4-3-3 1-3-3-3", check: "DE_HEALTH_INSURANCE", score: 0.3, common: true, evident: true, about: topics(aboutHealth), country: "DE"},
	{kind: "DE_LANR", shape: "d9", check: "DE_LANR", score: 0.1, words: "lanr arztnummer* arzt arzt_nr physician_number doctor_number", country: "DE"},
	{kind: "DE_BSNR", shape: "d9", score: 0.2, form: func(s string) bool { return s != "000000000" }, words: "bsnr betriebsstatte* praxis* arztpraxis vertragsarztpraxis", country: "DE"},
	{kind: "DE_ID_CARD", shape: "l1 a8", seps: " ", groups: "3-3-3 1-2-3-3 4-5 2-3-4", form: germanPaper, score: 0.4, about: topics(aboutIdentity), words: "perso personalausweis* ausweisnummer*", country: "DE"},
	{kind: "DE_ID_CARD", shape: "l1 a8 d1", seps: " ", groups: "9-1 3-3-3-1 3-3-4", form: germanPaper, check: "DE_ID_CARD", score: 0.4, evident: true, common: true, about: topics(aboutIdentity), words: "perso personalausweis*", country: "DE"},
	{kind: "DE_ID_CARD", shape: "=T d8", score: 0.5, about: topics(aboutIdentity), country: "DE"},
	{kind: "DE_PASSPORT", shape: "l1 a8", seps: " ", groups: "3-3-3 1-2-3-3 4-5 2-3-4", form: germanPaper, score: 0.4, about: topics(aboutPassport), words: "reisepass*", country: "DE"},
	{kind: "DE_PASSPORT", shape: "l1 a8 d1", seps: " ", groups: "9-1 3-3-3-1 3-3-4", form: germanPaper, check: "DE_PASSPORT", score: 0.4, about: topics(aboutPassport), words: "reisepass*", country: "DE"},
	{kind: "DE_FUEHRERSCHEIN", shape: "a1 a1 d8 a1", form: func(s string) bool { return isUpper(s[0]) }, score: 0.35, about: topics(aboutLicence), country: "DE"},
	{kind: "DE_FUEHRERSCHEIN", shape: "l1 a8 d1 a1", form: germanLicence, score: 0.2, about: topics(aboutLicence), words: "fuhrerschein* fuehrerschein*", country: "DE"},
	{kind: "DE_HANDELSREGISTER", shape: "=HRA d1|=HRA d2|=HRA d3|=HRA d4|=HRA d5|=HRA d6", seps: " .-", score: 0.5, evident: true, about: topics(aboutCompany), country: "DE"},
	{kind: "DE_HANDELSREGISTER", shape: "=HRB d1|=HRB d2|=HRB d3|=HRB d4|=HRB d5|=HRB d6", seps: " .-", score: 0.5, evident: true, about: topics(aboutCompany), country: "DE"},
	{kind: "AT_VNR", shape: "d10", seps: " -/", groups: "4-6 4-2-2-2", check: "at.vnr", score: 0.4, about: topics(aboutSocial), country: "AT", words: "svnr sozialversicherungsnummer* e_card"},
	{kind: "AT_UID", shape: "=ATU d8", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "AT"},
	{kind: "AT_TIN", shape: "d9", seps: " -/", groups: "2-3-4 2-7", check: "at.tin", score: 0.2, about: topics(aboutTax), country: "AT", words: "abgabenkontonummer*"},
	{kind: "AT_COMPANY", shape: "=FN d5 l1|=FN d6 l1", seps: " .-", score: 0.5, evident: true, about: topics(aboutCompany), country: "AT"},
	{kind: "AT_PASSPORT", shape: "l1 d7|l2 d7", seps: " ", groups: "1-7 2-7", score: 0.05, about: topics(aboutPassport), country: "AT"},
	{kind: "AT_IDENTITY_CARD", shape: "d7 l1|d8", score: 0.02, about: topics(aboutIdentity), country: "AT"},
	{kind: "AT_DRIVING_LICENCE", shape: "d8", score: 0.02, about: topics(aboutLicence), country: "AT"},
	{kind: "CH_SSN", shape: "=756 d10", seps: " .-", groups: "3-4-4-2", check: "ch.ssn", score: 0.5, evident: true, about: topics(aboutSocial), country: "CH"},
	{kind: "CH_UID", shape: "=CHE d9", seps: " -.", groups: "3-3-3-3 3-9", check: "ch.uid", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "CH"},
	{kind: "CH_VAT", shape: "=CHE d9 l4|=CHE d9 l3", seps: " -.", check: "ch.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "CH"},
	{kind: "CH_PASSPORT", shape: "l1 d7|l1 a7", score: 0.05, about: topics(aboutPassport), country: "CH"},
	{kind: "CH_IDENTITY_CARD", shape: "l1 d7|l1 a7", score: 0.05, about: topics(aboutIdentity), country: "CH"},
	{kind: "CH_DRIVING_LICENCE", shape: "d12", seps: " ", groups: "3-3-3-3", score: 0.02, about: topics(aboutLicence), words: "fuhrerausweis*", country: "CH"},
}

var britishRules = []rule{
	{kind: "UK_NHS", shape: "d10", seps: " -", groups: "3-3-4", check: "UK_NHS", score: 0.5, about: topics(aboutHealth), country: "GB", words: "nhs national_health health_number health_service"},
	{kind: "UK_NINO", shape: "l2 d6 l1", seps: " -", groups: "2-2-2-2-1 2-6-1 2-7 8-1 2-3-3-1 2-2-2-3 4-2-2-1", score: 0.5, evident: true, form: ninoForm, about: topics(aboutSocial), country: "GB"},
	{kind: "UK_UTR", shape: "d10", seps: " ", groups: "5-5 3-3-4 4-6", check: "gb.utr", score: 0.2, about: topics(aboutTax), words: "utr taxpayer* self_assessment", country: "GB"},
	{kind: "UK_VAT", shape: "=GB d9|=GB d12|=XI d9", seps: " .-", check: "UK_VAT", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "GB"},
	{kind: "UK_VAT", shape: "d9", seps: " ", groups: "3-4-2 3-3-3", check: "gb.vat", score: 0.1, about: topics(aboutTax), words: "vat vat_number", country: "GB"},
	{kind: "UK_PASSPORT", shape: "d9", seps: " ", groups: "3-3-3", score: 0.05, about: topics(aboutPassport), country: "GB"},
	{kind: "UK_DRIVING_LICENCE", shape: "a5 d6 a2 a1 l2", seps: " -", groups: "5-6-5 5-6-2-3 5-6-3-2", score: 0.5, evident: true, form: ukLicence, about: topics(aboutLicence), country: "GB"},
	{kind: "UK_COMPANY", shape: "d8|=SC d6|=NI d6|=OC d6", score: 0.02, about: topics(aboutCompany), words: "companies_house company_number crn", country: "GB"},
	{kind: "IE_PPS", shape: "d7 l1|d7 l2", seps: " -", groups: "7-1 7-2", check: "ie.pps", score: 0.4, common: true, evident: true, about: topics(aboutSocial, aboutTax), words: "pps ppsn", country: "IE"},
	{kind: "IE_VAT", shape: "=IE d7 l1|=IE d7 l2|=IE d1 l1 d5 l1", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "IE"},
	{kind: "IE_PASSPORT", shape: "l2 d7|l1 d8", score: 0.05, about: topics(aboutPassport), country: "IE"},
	{kind: "IE_DRIVING_LICENCE", shape: "d9|d3 l2 d4", score: 0.02, about: topics(aboutLicence), country: "IE"},
	{kind: "MT_VAT", shape: "=MT d8", seps: " -", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "MT"},
	{kind: "MT_IDENTITY_CARD", shape: "d7 l1|d6 l1", form: func(s string) bool { return strings.IndexByte("MGAPLHBZ", s[len(s)-1]) >= 0 }, score: 0.1, about: topics(aboutIdentity), country: "MT"},
	{kind: "MT_PASSPORT", shape: "d7", score: 0.02, about: topics(aboutPassport), country: "MT"},
	{kind: "CY_VAT", shape: "=CY d8 l1", seps: " -", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "CY"},
	{kind: "CY_VAT", shape: "d8 l1", check: "cy.vat", score: 0.3, about: topics(aboutTax), words: "tic", country: "CY"},
	{kind: "CY_PASSPORT", shape: "l1 d6|l1 d8", score: 0.05, about: topics(aboutPassport), country: "CY"},
	{kind: "CY_IDENTITY_CARD", shape: "d10|d6|d7", score: 0.01, about: topics(aboutIdentity), country: "CY"},
}

// ninoForm tells whether the letters of a National Insurance number are given
// out.
func ninoForm(s string) bool {
	if strings.IndexByte("DFIQUV", s[0]) >= 0 || strings.IndexByte("DFIQUVO", s[1]) >= 0 || s[8] > 'D' {
		return false
	}
	switch s[:2] {
	case "BG", "GB", "NK", "KN", "NT", "TN", "ZZ":
		return false
	}
	return true
}

// ukLicence tells whether a driving licence holds a name filled up with nines,
// and a day of birth.
func ukLicence(s string) bool {
	nine := false
	for i := range 5 {
		if nine && s[i] != '9' || !isUpper(s[i]) && s[i] != '9' {
			return false
		}
		nine = s[i] == '9'
	}
	month, day := int(s[6]-'0')*10+int(s[7]-'0'), int(s[8]-'0')*10+int(s[9]-'0')
	if month > 50 {
		month -= 50
	}
	initials := func(b byte) bool { return isUpper(b) || b == '9' }
	return s[0] != '9' && month >= 1 && month <= 12 && day >= 1 && day <= 31 && initials(s[11]) && initials(s[12])
}

var frenchRules = []rule{
	{kind: "FR_NIR", shape: "d5 d1 a1 d8", seps: " .", check: "FR_NIR", score: 0.4, evident: true, form: nirForm, about: topics(aboutSocial, aboutHealth), country: "FR"},
	{kind: "FR_SIREN", shape: "d9", seps: " ", groups: "3-3-3", check: "fr.siren", score: 0.1, about: topics(aboutCompany), words: "siren", country: "FR"},
	{kind: "FR_SIRET", shape: "d14", seps: " ", groups: "3-3-3-5 9-5", check: "fr.siret", score: 0.3, about: topics(aboutCompany), words: "siret", country: "FR"},
	{kind: "FR_TVA", shape: "=FR a2 d9", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "FR"},
	{kind: "FR_NIF", shape: "d13", seps: " ", groups: "2-2-3-3-3 1-12 4-3-3-3", check: "fr.nif", score: 0.2, about: topics(aboutTax), words: "spi numero_fiscal reference_fiscal", country: "FR"},
	{kind: "FR_PASSPORT", shape: "d2 l2 d5", seps: " ", groups: "2-2-5", score: 0.2, about: topics(aboutPassport), country: "FR"},
	{kind: "FR_IDENTITY_CARD", shape: "d12|l1 a7 d1", form: func(s string) bool { return len(s) == 12 || germanPaper(s) || isUpper(s[0]) }, score: 0.05, about: topics(aboutIdentity), country: "FR"},
	{kind: "FR_DRIVING_LICENCE", shape: "d12|d2 l2 d5", score: 0.02, about: topics(aboutLicence), country: "FR"},
}

func nirForm(s string) bool {
	month := int(s[3]-'0')*10 + int(s[4]-'0')
	if strings.IndexByte("123478", s[0]) < 0 || !(month >= 1 && month <= 13 || month >= 20 && month <= 42 || month >= 50) {
		return false
	}
	return isDigit(s[6]) || s[5] == '2' && (s[6] == 'A' || s[6] == 'B')
}

var spanishRules = []rule{
	{kind: "ES_NIF", shape: "d8 l1|d7 l1", seps: "- .", groups: "8-1 7-1 2-3-3-1 2-6-1 2-3-4 1-3-3-1", check: "ES_NIF", score: 0.5, evident: true, about: topics(aboutTax, aboutIdentity), country: "ES", words: "nif dni"},
	{kind: "ES_NIE", shape: "l1 d7 l1|l1 d8 l1", seps: "- .", groups: "1-7-1 8-1 1-8 1-8-1 9-1", check: "ES_NIE", score: 0.5, evident: true, form: func(s string) bool { return s[0] >= 'X' }, about: topics(aboutTax, aboutIdentity), country: "ES", words: "nie extranjero numero_nie"},
	{kind: "ES_CIF", shape: "=ES l1 d7 a1", seps: "- .", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "ES"},
	{kind: "ES_CIF", shape: "l1 d7 a1", seps: "- .", groups: "1-7-1 1-8 8-1 1-2-5-1", check: "es.cif", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "ES", words: "cif"},
	{kind: "ES_NUSS", shape: "d12", seps: " /-", groups: "2-8-2 2-10", check: "es.nuss", score: 0.3, about: topics(aboutSocial), country: "ES", words: "nuss seguridad_social afiliacion"},
	{kind: "ES_PASSPORT", shape: "l3 d6|l2 d6", score: 0.5, about: topics(aboutPassport), country: "ES"},
	{kind: "ES_DRIVING_LICENCE", shape: "d8 l1", seps: "- ", groups: "8-1", check: "es.dni", score: 0.1, about: topics(aboutLicence), words: "conducir", country: "ES"},
	{kind: "PT_NIF", shape: "d9", seps: " ", groups: "3-3-3", check: "pt.nif", score: 0.1, about: topics(aboutTax), words: "nif contribuinte", country: "PT"},
	{kind: "PT_NIF", shape: "=PT d9", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "PT"},
	{kind: "PT_CC", shape: "d9 l2 d1|d9 a2 d1", seps: " -", groups: "8-1-3 9-3 8-1-2-1", form: func(s string) bool { return isLetter(s[9]) || isLetter(s[10]) }, check: "pt.cc", score: 0.4, evident: true, about: topics(aboutIdentity), words: "cartao cidadao", country: "PT"},
	{kind: "PT_NISS", shape: "d11", seps: " ", check: "pt.niss", score: 0.2, about: topics(aboutSocial), words: "niss", country: "PT"},
	{kind: "PT_PASSPORT", shape: "l2 d6|l1 d6", score: 0.1, about: topics(aboutPassport), country: "PT"},
	{kind: "PT_DRIVING_LICENCE", shape: "l1 d7|l2 d7", seps: "- ", score: 0.05, about: topics(aboutLicence), country: "PT"},
}

var italianRules = []rule{
	{kind: "IT_FISCAL_CODE", shape: "l6 a2 l1 a2 l1 a3 l1", seps: " ", groups: "3-3-5-5 6-5-5 3-3-2-1-2-4-1", check: "IT_FISCAL_CODE", score: 0.3, evident: true, about: topics(aboutTax), country: "IT"},
	{kind: "IT_VAT_CODE", shape: "d11", seps: " _", check: "IT_VAT_CODE", score: 0.1, about: topics(aboutTax, aboutCompany), country: "IT", words: "piva partita_iva partita p_iva"},
	{kind: "IT_VAT_CODE", shape: "=IT d11", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "IT"},
	{kind: "IT_DRIVER_LICENSE", shape: "l2 d7 l1", score: 0.2, about: topics(aboutLicence), words: "patente", country: "IT"},
	{kind: "IT_DRIVER_LICENSE", shape: "=U1 a7 l1", form: func(s string) bool { return !strings.ContainsAny(s[2:9], "AIOQV") }, score: 0.2, about: topics(aboutLicence), country: "IT"},
	{kind: "IT_IDENTITY_CARD", shape: "l2 d7|d7 l2|l2 d5 l2", seps: " ", groups: "2-7 2-5-2", score: 0.01, about: topics(aboutIdentity), country: "IT", words: "carta identita cie riconoscimento espatrio elettronica"},
	{kind: "IT_PASSPORT", shape: "l2 d7", score: 0.01, about: topics(aboutPassport), country: "IT", words: "passaporto elettronico viaggio estero dogana"},
	{kind: "IT_HEALTH_CARD", shape: "=80380 d15", seps: " ", check: "it.teamcard", score: 0.4, evident: true, about: topics(aboutHealth), country: "IT"},
	{kind: "SM_PASSPORT", shape: "=SM d7", score: 0.01, about: topics(aboutPassport), country: "IT"},
}

var polishRules = []rule{
	{kind: "PL_PESEL", shape: "d11", seps: " ", groups: "6-5 2-2-2-5", check: "PL_PESEL", score: 0.4, evident: true, about: topics(aboutSocial, aboutIdentity), words: "pesel*", country: "PL"},
	{kind: "PL_NIP", shape: "d10", seps: "- ", groups: "3-3-2-2 3-2-2-3", check: "pl.nip", score: 0.2, about: topics(aboutTax, aboutCompany), words: "nip nipu", country: "PL"},
	{kind: "PL_NIP", shape: "=PL d10", seps: " -", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax), country: "PL"},
	{kind: "PL_REGON", shape: "d9|d14", seps: " -", groups: "3-3-3", check: "pl.regon", score: 0.1, about: topics(aboutCompany), words: "regon*", country: "PL"},
	{kind: "PL_IDENTITY_CARD", shape: "l3 d6", seps: " ", groups: "3-6 3-3-3", check: "PL_ID_CARD", score: 0.4, common: true, evident: true, about: topics(aboutIdentity), words: "dowod* osobist*", country: "PL"},
	{kind: "PL_PASSPORT", shape: "l2 d7", seps: " ", groups: "2-7", check: "PL_PASSPORT", score: 0.3, common: true, evident: true, about: topics(aboutPassport), words: "paszport*", country: "PL"},
	{kind: "PL_DRIVING_LICENCE", shape: "d5 d2 d4", seps: "/", groups: "5-2-4", score: 0.3, about: topics(aboutLicence), country: "PL"},
	{kind: "PL_KRS", shape: "d10", form: func(s string) bool { return s[:2] == "00" }, score: 0.1, about: topics(aboutCompany), words: "krs", country: "PL"},
}

var lowCountryRules = []rule{
	{kind: "NL_BSN", shape: "d9", seps: " .-", groups: "4-2-3 3-3-3 2-2-2-3", check: "nl.bsn", score: 0.3, about: topics(aboutSocial), words: "bsn burgerservice* sofi*", country: "NL"},
	{kind: "NL_BTW", shape: "=NL d9 =B d2", seps: " .", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "NL", form: func(s string) bool { return s[:2] == "NL" }},
	{kind: "NL_KVK", shape: "d8", score: 0.05, words: "kvk kamer_koophandel handelsregister*", country: "NL"},
	{kind: "NL_PASSPORT", shape: "l2 a6 d1", form: func(s string) bool { return strings.IndexByte(s, 'O') < 0 }, score: 0.1, about: topics(aboutPassport), words: "paspoort*", country: "NL"},
	{kind: "NL_IDENTITY_CARD", shape: "l2 a6 d1", form: func(s string) bool { return strings.IndexByte(s, 'O') < 0 }, score: 0.1, about: topics(aboutIdentity), words: "identiteitskaart* identiteitsbewijs* id_kaart", country: "NL"},
	{kind: "NL_DRIVING_LICENCE", shape: "d10", form: func(s string) bool { return s[0] >= '3' }, score: 0.02, about: topics(aboutLicence), country: "NL"},
	{kind: "BE_NN", shape: "d11", seps: " .-", groups: "2-2-2-3-2 6-3-2", check: "BE_NN", score: 0.4, evident: true, about: topics(aboutSocial, aboutIdentity), words: "rijksregister* insz niss registre_national rijksregisternummer", country: "BE"},
	{kind: "BE_VAT", shape: "=BE d10|=BE d9", seps: " .", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "BE"},
	{kind: "BE_VAT", shape: "d10", seps: " .", groups: "4-3-3", check: "be.vat", score: 0.3, about: topics(aboutTax, aboutCompany), words: "ondernemingsnummer* btw kbo numero_entreprise", country: "BE"},
	{kind: "BE_IDENTITY_CARD", shape: "d12", seps: "- ", groups: "3-7-2", check: "be.eid", score: 0.4, about: topics(aboutIdentity), country: "BE"},
	{kind: "BE_PASSPORT", shape: "l2 d6", score: 0.1, about: topics(aboutPassport), country: "BE"},
	{kind: "BE_DRIVING_LICENCE", shape: "d10", score: 0.02, about: topics(aboutLicence), country: "BE"},
	{kind: "LU_TVA", shape: "=LU d8", seps: " .-", check: "eu.vat", score: 0.5, evident: true, about: topics(aboutTax, aboutCompany), country: "LU"},
	{kind: "LU_MATRICULE", shape: "d13", seps: " ", groups: "4-2-2-5 8-5 4-4-5", check: "lu.matricule", score: 0.4, evident: true, about: topics(aboutSocial), words: "matricule", country: "LU"},
	{kind: "LU_PASSPORT", shape: "l3 d5|a8", form: func(s string) bool { return isUpper(s[0]) }, score: 0.02, about: topics(aboutPassport), country: "LU"},
}
