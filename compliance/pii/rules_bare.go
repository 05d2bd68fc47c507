package pii

// bareRules are tax numbers without the country's code before them, as their
// offices print them, and other numbers that only their own words tell.
var bareRules = []rule{
	{kind: "AT_UID", bare: true, shape: "=U d8", seps: " -", check: "at.uid", score: 0.2, about: topics(aboutTax), words: "uid uid_nr", country: "AT"},
	{kind: "BG_VAT", bare: true, shape: "d9|d10", seps: " ", check: "bg.vat", score: 0.1, about: topics(aboutTax), words: "dds ddc ддс zdds", country: "BG"},
	{kind: "CZ_DIC", bare: true, shape: "d8|d9|d10", seps: " ", check: "cz.dic", score: 0.1, about: topics(aboutTax), words: "dic danove", country: "CZ"},
	{kind: "DE_VAT_ID", bare: true, shape: "d9", seps: " ", groups: "3-3-3", check: "de.vat", score: 0.1, about: topics(aboutTax), words: "ust_id ust_idnr ust_nr ustid* umsatzsteuer* mehrwertsteuer*", country: "DE"},
	{kind: "EE_KMKR", bare: true, shape: "d9", seps: " ", groups: "3-3-3", check: "ee.kmkr", score: 0.1, about: topics(aboutTax), words: "kmkr kaibemaks*", country: "EE"},
	{kind: "FI_ALV", bare: true, shape: "d8", check: "fi.alv", score: 0.1, about: topics(aboutTax), words: "alv alv_nro arvonlisavero*", country: "FI"},
	{kind: "FR_TVA", bare: true, shape: "a2 d9", seps: " ", groups: "2-9 2-3-3-3", check: "fr.tva", score: 0.1, about: topics(aboutTax), words: "tva tva_intra", country: "FR"},
	{kind: "HU_ANUM", bare: true, shape: "d8", seps: " ", check: "hu.anum", score: 0.1, about: topics(aboutTax), words: "adoszam*", country: "HU"},
	{kind: "IE_VAT", bare: true, shape: "d7 l1|d7 l2|d1 l1 d5 l1", seps: " -", groups: "7-1 7-2", check: "ie.vat", score: 0.2, about: topics(aboutTax), words: "vat vat_number", country: "IE"},
	{kind: "LT_PVM", bare: true, shape: "d9|d12", check: "lt.pvm", score: 0.1, about: topics(aboutTax), words: "pvm", country: "LT"},
	{kind: "LU_TVA", bare: true, shape: "d8", seps: " ", groups: "3-3-2 4-4", check: "lu.tva", score: 0.1, about: topics(aboutTax), words: "tva", country: "LU"},
	{kind: "MT_VAT", bare: true, shape: "d8", seps: " -", groups: "4-4", check: "mt.vat", score: 0.1, about: topics(aboutTax), words: "vat vat_number", country: "MT"},
	{kind: "NL_BTW", bare: true, shape: "d9 =B d2", seps: " .", check: "nl.btw", score: 0.3, about: topics(aboutTax), words: "btw*", country: "NL"},
	{kind: "RO_CUI", bare: true, shape: "d6|d7|d8|d9|d10", check: "ro.cui", score: 0.1, about: topics(aboutTax), words: "cui cif", country: "RO"},
	{kind: "SE_VAT", bare: true, shape: "d12", seps: "- ", check: "se.vat", score: 0.1, about: topics(aboutTax), words: "moms* momsnummer* momsregistrering*", country: "SE"},
	{kind: "SK_DPH", bare: true, shape: "d10", check: "sk.dph", score: 0.1, about: topics(aboutTax), words: "dph ic_dph", country: "SK"},

	{kind: "DE_TAX_NUMBER", bare: true, shape: "d10|d11", seps: "/ ", groups: "3-3-5 2-3-5 3-4-4 3-3-4-1 2-3-4-1", score: 0.1, about: topics(aboutTax), words: "steuernummer* steuer_nummer steuer_nr st_nr", country: "DE"},
	{kind: "NO_KONTONR", bare: true, shape: "d7", seps: " .", groups: "2-5", check: "no.kontonr", score: 0.1, about: topics(aboutBank), words: "kontonummer kontonr", country: "NO"},

	// Numbers that other engines know and hardly any guest says.
	{kind: "ES_CCC", shape: "d20", seps: " -", groups: "4-4-2-10", check: "es.ccc", score: 0.4, evident: true, about: topics(aboutBank), words: "ccc", country: "ES"},
	{kind: "CZ_BANKACCOUNT", bare: true, raw: true, apart: true, shape: "d6|d7|d8|d9|d10|d11|d12|d13|d14|d15|d16|d17|d18|d19|d20", seps: "-/", check: "cz.bankaccount", score: 0.2, about: topics(aboutBank), words: "uctu ucet ucet_cislo cislo_uctu", country: "CZ"},
	{kind: "NL_ONDERWIJSNUMMER", bare: true, shape: "d9", seps: " .", groups: "3-3-3", check: "nl.onderwijsnummer", score: 0.1, words: "onderwijsnummer*", country: "NL"},
	{kind: "ES_CUPS", shape: "=ES d16 l2|=ES d16 l2 d1 l1", seps: " -", check: "es.cups", score: 0.5, evident: true, words: "cups", country: "ES"},
	{kind: "SK_ICO", bare: true, shape: "d8", seps: " ", groups: "2-3-3 3-2-3", check: "sk.ico", score: 0.1, about: topics(aboutCompany), words: "ico", country: "SK"},
	{kind: "SI_MATICNA", bare: true, shape: "d7|d10", check: "si.maticna", score: 0.1, about: topics(aboutCompany), words: "maticna maticno", country: "SI"},
	{kind: "BE_EID", bare: true, shape: "d12", seps: " -", groups: "3-7-2", check: "be.eid", score: 0.1, about: topics(aboutIdentity), words: "eid", country: "BE"},
	{kind: "BE_OGM_VCS", bare: true, shape: "d12", seps: "/ ", groups: "3-4-5", check: "be.ogm_vcs", score: 0.2, about: topics(aboutBank), words: "ogm vcs mededeling", country: "BE"},
	{kind: "IMEI", bare: true, shape: "d15", seps: " -", groups: "2-6-6-1 6-2-6-1", check: "imei", score: 0.1, words: "imei"},
	{kind: "ES_REFERENCIACATASTRAL", bare: true, shape: "a20", seps: " ", groups: "7-7-4-2", check: "es.referenciacatastral", score: 0.3, words: "catastral", country: "ES"},
}
