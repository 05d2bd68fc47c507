package pii

import "slices"

// Types that are no country's own.
const (
	CreditCard     Type = "CREDIT_CARD"
	CVV            Type = "CVV"
	CardExpiry     Type = "CARD_EXPIRY"
	Email          Type = "EMAIL_ADDRESS"
	Phone          Type = "PHONE_NUMBER"
	IBAN           Type = "IBAN_CODE"
	BIC            Type = "BIC_CODE"
	IP             Type = "IP_ADDRESS"
	MAC            Type = "MAC_ADDRESS"
	URL            Type = "URL"
	Crypto         Type = "CRYPTO"
	DateTime       Type = "DATE_TIME"
	DateOfBirth    Type = "DATE_OF_BIRTH"
	Person         Type = "PERSON"
	Location       Type = "LOCATION"
	Address        Type = "ADDRESS"
	PostCode       Type = "POSTAL_CODE"
	Passport       Type = "PASSPORT"
	IdentityCard   Type = "IDENTITY_CARD"
	DrivingLicence Type = "DRIVING_LICENCE"
	LicensePlate   Type = "LICENSE_PLATE"
	BookingRef     Type = "BOOKING_REFERENCE"
	LoyaltyNumber  Type = "LOYALTY_NUMBER"
	Health         Type = "HEALTH"
	// NRP is a nation, a faith or a party. Only a request that names it gets it.
	NRP Type = "NRP"
	// NumberSequence is a run of digits that no type explains. Redaction masks
	// it all the same.
	NumberSequence Type = "NUMBER_SEQUENCE"
)

// Types gives every type that the detector can report, in order of their names.
func Types() []Type { return slices.Clone(allTypes) }

// allTypes is sorted; the place of a type in it is its number inside a scan.
var allTypes = func() []Type {
	types := []Type{
		CreditCard, CVV, CardExpiry, Email, Phone, IBAN, BIC, IP, MAC, URL, Crypto, DateTime, DateOfBirth, Person,
		Location, Address, PostCode, Passport, IdentityCard, DrivingLicence, LicensePlate, BookingRef, LoyaltyNumber,
		Health, NRP, NumberSequence,
	}
	for _, r := range rules {
		types = append(types, r.kind)
	}
	slices.Sort(types)
	return slices.Compact(types)
}()

// typeNumber gives the place of t in allTypes, or -1.
func typeNumber(t Type) int {
	at, found := slices.BinarySearch(allTypes, t)
	if !found {
		return -1
	}
	return at
}
