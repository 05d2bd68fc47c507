package numbers

// schemes names every kind. Those without a check stand here too, so that their
// names are known.
var schemes = map[string]scheme{
	"CREDIT_CARD": {check: Card}, "IBAN_CODE": {check: IBAN}, "iban": {check: ibanOfBank}, "luhn": {check: Luhn},
	"CRYPTO": {check: Crypto, raw: true}, "imei": {check: imei, unsure: imeiOpen}, "IMEI": {check: imei, unsure: imeiOpen},
	"eu.at.02": {check: creditor}, "eu.at_02": {check: creditor},

	"at.uid": {check: atUID, prefix: "AT"}, "at.vnr": {check: atVNR}, "at.tin": {check: atTIN},
	"be.nn": {check: beNN}, "BE_NN": {check: beSSN}, "be.bis": {check: beBIS}, "be.ssn": {check: beSSN}, "be.vat": {check: beVAT, prefix: "BE"},
	"be.eid": {check: beEID}, "be.ogm.vcs": {check: beEID}, "be.ogm_vcs": {check: beEID}, "be.iban": {check: beIBAN},
	"bg.egn": {check: bgEGN}, "bg.pnf": {check: bgPNF}, "bg.vat": {check: bgVAT, prefix: "BG"},
	"ch.ssn": {check: chSSN}, "ch.uid": {check: chUID}, "ch.vat": {check: chVAT}, "ch.esr": {check: chESR},
	"cy.vat": {check: cyVAT, prefix: "CY"},
	"cz.dic": {check: czDIC, prefix: "CZ"}, "cz.vat": {check: czDIC, prefix: "CZ"}, "cz.rc": {check: czRC},
	"cz.ico": {check: czICO}, "cz.bankaccount": {check: czAccount, raw: true},
	"de.idnr": {check: deIDNr}, "de.steueridentifikationsnummer": {check: deIDNr}, "de.leitweg": {check: deLeitweg, raw: true}, "DE_TAX_ID": {check: deTaxID}, "de.vat": {check: deVAT, prefix: "DE"},
	"DE_VAT_ID": {check: deVAT, prefix: "DE"}, "DE_SOCIAL_SECURITY": {check: deRVNR},
	"DE_HEALTH_INSURANCE": {check: deKVNR}, "DE_LANR": {check: deLANR},
	"DE_ID_CARD":  {check: deDocument, unsure: func(s string) bool { return len(s) == 9 && deForm(s) }},
	"DE_PASSPORT": {check: deDocument, unsure: func(s string) bool { return len(s) == 9 && deForm(s) }},
	"dk.cpr":      {check: dkCPR}, "DK_CPR_NUMBER": {check: dkCPRChecked, unsure: func(s string) bool { return dkCPR(s) && !dkCPRChecked(s) }},
	"dk.cvr": {check: dkCVR, prefix: "DK"}, "dk.vat": {check: dkCVR, prefix: "DK"},
	"ee.ik": {check: eeID}, "ee.kmkr": {check: eeKMKR, prefix: "EE"}, "ee.vat": {check: eeKMKR, prefix: "EE"},
	"ee.registrikood": {check: eeCompany},
	"es.dni":          {check: esDNI}, "es.nie": {check: esNIE}, "es.nif": {check: esNIF, prefix: "ES"}, "es.cif": {check: esCIF, prefix: "ES"},
	"es.vat": {check: esNIF, prefix: "ES"}, "ES_NIF": {check: esPersonalNIF}, "ES_NIE": {check: esNIE},
	"es.ccc": {check: esCCC}, "es.iban": {check: esIBAN}, "es.cups": {check: esCUPS}, "es.nuss": {check: esNUSS},
	"es.referenciacatastral": {check: esCatastral},
	"fi.hetu":                {check: fiResident, raw: true}, "FI_PERSONAL_IDENTITY_CODE": {check: fiHetu, raw: true},
	"fi.alv": {check: fiALV, prefix: "FI"}, "fi.vat": {check: fiALV, prefix: "FI"}, "fi.ytunnus": {check: fiALV},
	"fr.nir": {check: frNIR}, "FR_NIR": {check: frPerson}, "fr.siren": {check: frSIREN}, "fr.siret": {check: frSIRET}, "fr.tva": {check: frTVA, prefix: "FR"},
	"fr.vat": {check: frTVA, prefix: "FR"}, "fr.nif": {check: frNIF, unsure: frOldNIF}, "fr.rcs": {check: frRCS},
	"gb.nhs": {check: gbNHS}, "UK_NHS": {check: gbNHS}, "gb.utr": {check: gbUTR}, "UK_UTR": {check: gbUTR},
	"gb.vat": {check: gbVAT, prefix: "GB XI"}, "UK_VAT": {check: gbVAT, prefix: "GB XI"}, "gb.upn": {check: gbUPN}, "gb.sedol": {check: gbSEDOL},
	"gr.amka": {check: grAMKA}, "gr.vat": {check: grVAT, prefix: "GR EL"},
	"hr.oib": {check: hrOIB, prefix: "HR"}, "hr.vat": {check: hrOIB, prefix: "HR"},
	"hu.anum": {check: huANUM, prefix: "HU"}, "hu.vat": {check: huANUM, prefix: "HU"}, "hu.taj": {check: huTAJ}, "hu.adoazonosito": {check: huTax},
	"ie.pps": {check: iePPS}, "ie.vat": {check: ieVAT, prefix: "IE"},
	"it.codicefiscale": {check: itFiscal}, "IT_FISCAL_CODE": {check: itPersonal}, "it.iva": {check: itIVA, prefix: "IT"},
	"it.vat": {check: itIVA, prefix: "IT"}, "IT_VAT_CODE": {check: itVATCode, prefix: "IT"}, "it.aic": {check: itAIC}, "it.teamcard": {check: itHealthCard},
	"lt.asmens": {check: balticID}, "lt.pvm": {check: ltPVM, prefix: "LT"}, "lt.vat": {check: ltPVM, prefix: "LT"},
	"lu.tva": {check: luTVA, prefix: "LU"}, "lu.vat": {check: luTVA, prefix: "LU"}, "lu.matricule": {check: luMatricule},
	"lv.pvn": {check: lvPVN, prefix: "LV"}, "lv.vat": {check: lvPVN, prefix: "LV"}, "lv.pk": {check: lvPersonal},
	"mt.vat": {check: mtVAT, prefix: "MT"},
	"nl.bsn": {check: nlBSN}, "nl.btw": {check: nlBTW, prefix: "NL"}, "nl.vat": {check: nlBTW, prefix: "NL"},
	"nl.onderwijsnummer": {check: nlSchool},
	"no.fodselsnummer":   {check: noPerson}, "NO_FODSELSNUMMER": {check: noBirth}, "no.kontonr": {check: noAccount}, "no.orgnr": {check: noOrg}, "no.iban": {check: noIBAN},
	"no.mva": {check: noMVA, prefix: "NO"}, "no.vat": {check: noMVA, prefix: "NO"},
	"pl.pesel": {check: plPESEL}, "PL_PESEL": {check: plPESELForm}, "pl.nip": {check: plNIP, prefix: "PL"}, "pl.vat": {check: plNIP, prefix: "PL"},
	"pl.regon": {check: plREGON}, "pl.id.card": {check: plCard}, "PL_ID_CARD": {check: plCard}, "PL_IDENTITY_CARD": {check: plCard}, "pl.id": {check: plCard}, "pl.dowod": {check: plCard}, "PL_PASSPORT": {check: plPassport},
	"pt.nif": {check: ptNIF, prefix: "PT"}, "pt.vat": {check: ptNIF, prefix: "PT"}, "pt.cc": {check: ptCC}, "pt.niss": {check: ptNISS},
	"ro.cnp": {check: roCNP}, "ro.cui": {check: roCUI, prefix: "RO"}, "ro.cf": {check: roCF, prefix: "RO"}, "ro.vat": {check: roCF, prefix: "RO"},
	"se.personnummer": {check: sePerson}, "se.orgnr": {check: seOrg}, "SE_ORGANISATIONSNUMMER": {check: seCompany},
	"SE_PERSONNUMMER": {check: sePersonForm},
	"se.vat":          {check: seVAT, prefix: "SE"},
	"si.ddv":          {check: siDDV, prefix: "SI"}, "si.vat": {check: siDDV, prefix: "SI"}, "si.emso": {check: siEMSO}, "si.maticna": {check: siCompany},
	"sk.dph": {check: skDPH, prefix: "SK"}, "sk.vat": {check: skDPH, prefix: "SK"}, "sk.rc": {check: czRC}, "sk.ico": {check: czICO},
	"eu.vat": {check: euVAT}, "vatin": {check: euVAT}, "eu.eic": {check: euEIC, raw: true}, "eu.banknote": {check: euBanknote}, "eu.ecnumber": {check: euSubstance},
	"lei": {check: lei}, "isin": {check: isin}, "bitcoin": {check: Crypto, raw: true}, "MEDICAL_LICENSE": {check: physician}, "us.dea": {check: physician},

	"ABA_ROUTING_NUMBER": {check: usRouting}, "US_NPI": {check: usNPI}, "AU_ABN": {check: auABN}, "AU_ACN": {check: auACN}, "AU_TFN": {check: auTFN},
	"AU_MEDICARE": {check: auMedicare}, "CA_SIN": {check: caSIN}, "IN_AADHAAR": {check: inAadhaar}, "IN_GSTIN": {check: inGSTIN},
	"KR_RRN": {check: krResident, unsure: krNewer}, "KR_FRN": {check: krForeigner, unsure: krNewer}, "KR_BRN": {check: krBusiness},
	"SG_UEN": {check: sgUEN}, "SG_NRIC_FIN": {check: sgPerson}, "TH_TNIN": {check: thPerson}, "NG_NIN": {check: ngNIN},

	"BIC_CODE": {}, "mac": {}, "eu.nace": {}, "eu.excise": {}, "eu.oss": {}, "de.steuernummer": {},
	"US_SSN": {}, "US_ITIN": {}, "US_PASSPORT": {}, "US_DRIVER_LICENSE": {}, "US_BANK_NUMBER": {}, "US_MBI": {}, "IN_PAN": {}, "IN_VOTER": {}, "IN_PASSPORT": {},
	"IN_VEHICLE_REGISTRATION": {}, "KR_DRIVER_LICENSE": {}, "KR_PASSPORT": {}, "NG_VEHICLE_REGISTRATION": {},
	"at.stnr": {}, "at.zvr_zahl": {}, "at.businessid": {}, "at.postleitzahl": {}, "de.stnr": {}, "de.handelsregisternummer": {}, "de.wkn": {}, "fi.associationid": {},
	"fi.veronumero": {}, "nl.brin": {}, "nl.postcode": {}, "nl.identiteitskaartnummer": {}, "es.cae": {}, "es.postal_code": {}, "fr.accise": {}, "ro.onrc": {}, "se.postnummer": {}, "bic": {},
}

// euVAT checks a tax number that its country's code stands before.
func euVAT(s string) bool {
	if len(s) < 4 {
		return false
	}
	check, ok := vatOf[s[:2]]
	return ok && check(s[2:])
}

// vatOf are the checks of each country's tax number, by the code before it.
var vatOf = map[string]func(string) bool{
	"AT": atUID, "BE": beVAT, "BG": bgVAT, "CY": cyVAT, "CZ": czDIC, "DE": deVAT, "DK": dkCVR, "EE": eeKMKR, "EL": grVAT,
	"ES": esNIF, "FI": fiALV, "FR": frTVA, "GR": grVAT, "HR": hrOIB, "HU": huANUM, "IE": ieVAT, "IT": itIVA, "LT": ltPVM,
	"LU": luTVA, "LV": lvPVN, "MT": mtVAT, "NL": nlBTW, "PL": plNIP, "PT": ptNIF, "RO": roCF, "SE": seVAT, "SI": siDDV,
	"SK": skDPH, "XI": gbVAT,
}
