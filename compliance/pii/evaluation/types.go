package evaluation

import "strings"

// checksums are the types that carry a check digit. What is written in one of
// them must always be found.
var checksums = map[string]bool{
	"CREDIT_CARD": true, "IBAN_CODE": true, "CRYPTO": true,
	"UK_NHS": true, "GB_VAT": true, "IE_PPS": true, "DK_CPR": true, "SE_PERSONNUMMER": true,
	"FI_PERSONAL_IDENTITY_CODE": true, "NO_FODSELSNUMMER": true, "PT_NIF": true, "RO_CNP": true, "HR_OIB": true,
	"DE_TAX_ID": true, "DE_SOCIAL_SECURITY": true, "DE_HEALTH_INSURANCE": true, "DE_VAT_ID": true, "AT_VNR": true,
	"CH_SSN": true, "FR_NIR": true, "FR_SIREN": true, "FR_SIRET": true, "FR_TVA": true, "BE_NN": true, "BE_VAT": true,
	"ES_NIF": true, "ES_NIE": true, "ES_CIF": true, "ES_NUSS": true, "IT_FISCAL_CODE": true, "IT_VAT_CODE": true,
	"NL_BSN": true, "NL_BTW": true, "PL_PESEL": true, "PL_NIP": true, "PL_REGON": true, "PL_IDENTITY_CARD": true,
	"PL_PASSPORT": true, "DE_ID_CARD": true, "DE_PASSPORT": true,
}

// unbounded are the types whose limits no form tells.
var unbounded = map[string]bool{"ADDRESS": true, "HEALTH": true}

// families are types that say the same of a value: an engine may know a
// document by its country or only by its kind. The value is the family; the
// ending of a type's name decides.
var families = []struct{ ending, family string }{
	{"PASSPORT", "passport"},
	{"IDENTITY_CARD", "identity card"}, {"ID_CARD", "identity card"}, {"DOWOD", "identity card"},
	{"DRIVING_LICENCE", "licence"}, {"DRIVER_LICENSE", "licence"}, {"DRIVING_LICENSE", "licence"},
	{"FUEHRERSCHEIN", "licence"},
	{"LICENSE_PLATE", "plate"}, {"VEHICLE_PLATE", "plate"}, {"VEHICLE_REGISTRATION", "plate"}, {"KFZ", "plate"},
	{"ADDRESS", "address"}, {"LOCATION", "address"}, {"POSTAL_CODE", "address"}, {"POSTCODE", "address"}, {"PLZ", "address"},
	{"DATE_OF_BIRTH", "date"}, {"DATE_TIME", "date"},
	{"DK_CPR_NUMBER", "DK_CPR"}, {"DK_CPR", "DK_CPR"},
	{"GB_VAT", "GB_VAT"}, {"UK_VAT", "GB_VAT"},
	{"CH_SSN", "CH_SSN"}, {"CH_AHV", "CH_SSN"},
	{"AT_VNR", "AT_VNR"}, {"AT_SVNR", "AT_VNR"},
	{"FR_TVA", "FR_TVA"}, {"FR_VAT", "FR_TVA"},
	{"NL_BTW", "NL_BTW"}, {"NL_VAT", "NL_BTW"},
	{"ES_NUSS", "ES_NUSS"}, {"ES_NSS", "ES_NUSS"}, {"ES_SOCIAL_SECURITY", "ES_NUSS"},
}

// alone are types that end like a family and are none of it.
var alone = map[string]bool{"EMAIL_ADDRESS": true, "IP_ADDRESS": true, "MAC_ADDRESS": true}

// family gives the name that types of one meaning share.
func family(kind string) string {
	if alone[kind] {
		return kind
	}
	for _, f := range families {
		if kind == f.ending || strings.HasSuffix(kind, "_"+f.ending) {
			return f.family
		}
	}
	return kind
}

// The groups that the bounds speak of.
const (
	groupChecksum     = "checksum, written"
	groupFormat       = "format, written"
	groupIdentifier   = "identifier, spoken"
	groupPhone        = "phone, written"
	groupPhoneSpoken  = "phone, spoken"
	groupEmailSpoken  = "e-mail, spoken"
	groupKnownName    = "name, known"
	groupIntroduced   = "name, introduced"
	groupKnownOther   = "other, known"
	groupNoFixedShape = "address and health"
)

// group gives the group that a truth is counted in.
func group(t Truth) string {
	switch {
	case t.Type == "PERSON" && t.Way == KnownBefore:
		return groupKnownName
	case t.Type == "PERSON":
		return groupIntroduced
	case t.Way == KnownBefore:
		return groupKnownOther
	case unbounded[t.Type]:
		return groupNoFixedShape
	case t.Type == "PHONE_NUMBER" && t.Way == Spoken:
		return groupPhoneSpoken
	case t.Type == "PHONE_NUMBER":
		return groupPhone
	case t.Type == "EMAIL_ADDRESS" && t.Way == Spoken:
		return groupEmailSpoken
	case t.Way == Spoken:
		return groupIdentifier
	case checksums[t.Type]:
		return groupChecksum
	}
	return groupFormat
}
