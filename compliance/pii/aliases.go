package pii

import "strings"

// otherNames are names that other engines and python-stdnum have for types. A
// request may use them; spans bear the types' own.
var otherNames = func() map[Type]Type {
	all := map[Type]Type{}
	for pair := range strings.FieldsSeq(`DK_CPR=DK_CPR_NUMBER GB_NHS=UK_NHS GB_VAT=UK_VAT GB_UTR=UK_UTR GB_NINO=UK_NINO DE_IDNR=DE_TAX_ID
		DE_VAT=DE_VAT_ID DE_STNR=DE_TAX_NUMBER DE_HANDELSREGISTERNUMMER=DE_HANDELSREGISTER DE_RVNR=DE_SOCIAL_SECURITY
		DE_KVNR=DE_HEALTH_INSURANCE ES_DNI=ES_NIF ES_NSS=ES_NUSS ES_SOCIAL_SECURITY=ES_NUSS ES_VAT=ES_CIF FI_HETU=FI_PERSONAL_IDENTITY_CODE
		FI_VAT=FI_ALV IT_CODICEFISCALE=IT_FISCAL_CODE IT_IVA=IT_VAT_CODE IT_VAT=IT_VAT_CODE SE_ORGNR=SE_ORGANISATIONSNUMMER
		PL_ID_CARD=PL_IDENTITY_CARD PL_DOWOD=PL_IDENTITY_CARD PL_VAT=PL_NIP CH_AHV=CH_SSN AT_SVNR=AT_VNR AT_VAT=AT_UID CY_TIC=CY_VAT GR_AFM=GR_VAT
		PT_VAT=PT_NIF HR_VAT=HR_OIB FR_VAT=FR_TVA NL_VAT=NL_BTW LU_VAT=LU_TVA SI_VAT=SI_DDV SK_VAT=SK_DPH CZ_VAT=CZ_DIC EE_VAT=EE_KMKR
		LT_VAT=LT_PVM LV_VAT=LV_PVN HU_VAT=HU_ANUM RO_VAT=RO_CUI RO_CF=RO_CUI DK_VAT=DK_CVR BE_SSN=BE_NN BE_BIS=BE_NN NO_VAT=NO_MVA
		BE_IBAN=IBAN_CODE ES_IBAN=IBAN_CODE NO_IBAN=IBAN_CODE HU_ADOAZONOSITO=HU_TAX_ID ES_POSTAL_CODE=POSTAL_CODE SE_POSTNUMMER=POSTAL_CODE
		AT_BUSINESSID=AT_COMPANY AT_STNR=AT_TIN ID_CARD=IDENTITY_CARD AT_POSTLEITZAHL=POSTAL_CODE NL_POSTCODE=NL_POSTAL_CODE NL_IDENTITEITSKAARTNUMMER=NL_IDENTITY_CARD IBAN=IBAN_CODE BIC=BIC_CODE
		MAC=MAC_ADDRESS VEHICLE_PLATE=LICENSE_PLATE DRIVING_LICENSE=DRIVING_LICENCE DRIVER_LICENSE=DRIVING_LICENCE`) {
		other, own, _ := strings.Cut(pair, "=")
		all[Type(other)] = Type(own)
	}
	return all
}()

// IsType tells whether a request may name the type, by its own name or another's.
func IsType(name string) bool { return typeNumber(ownName(Type(name))) >= 0 }

// ownName gives the type that a name stands for: "nl.bsn" is NL_BSN. An unknown
// name stands for itself.
func ownName(name Type) Type {
	if typeNumber(name) >= 0 {
		return name
	}
	if len(name) > 40 {
		return name
	}
	upper := Type(strings.ToUpper(strings.NewReplacer(".", "_").Replace(string(name))))
	if own, ok := otherNames[upper]; ok {
		return own
	}
	if typeNumber(upper) >= 0 {
		return upper
	}
	return name
}
