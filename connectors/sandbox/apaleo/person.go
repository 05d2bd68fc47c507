package apaleo

import (
	"slices"
	"strings"
)

// A person is a booker or guest, with the fields of the vendor's model.
type person struct {
	Title                   string   `json:"title,omitempty"`
	Gender                  string   `json:"gender,omitempty"`
	FirstName               string   `json:"firstName,omitempty"`
	MiddleInitial           string   `json:"middleInitial,omitempty"`
	LastName                string   `json:"lastName"`
	Email                   string   `json:"email,omitempty"`
	Phone                   string   `json:"phone,omitempty"`
	Address                 *address `json:"address,omitempty"`
	NationalityCountryCode  string   `json:"nationalityCountryCode,omitempty"`
	IdentificationNumber    string   `json:"identificationNumber,omitempty"`
	IdentificationIssueDate string   `json:"identificationIssueDate,omitempty"`
	IdentificationType      string   `json:"identificationType,omitempty"`
	Company                 *company `json:"company,omitempty"`
	PreferredLanguage       string   `json:"preferredLanguage,omitempty"`
	BirthDate               string   `json:"birthDate,omitempty"`
	BirthPlace              string   `json:"birthPlace,omitempty"`
	VehicleRegistration     string   `json:"vehicleRegistration,omitempty"`
}

type address struct {
	AddressLine1 string `json:"addressLine1,omitempty"`
	AddressLine2 string `json:"addressLine2,omitempty"`
	PostalCode   string `json:"postalCode,omitempty"`
	City         string `json:"city,omitempty"`
	RegionCode   string `json:"regionCode,omitempty"`
	CountryCode  string `json:"countryCode,omitempty"`
}

type company struct {
	Name  string `json:"name,omitempty"`
	TaxID string `json:"taxId,omitempty"`
}

// check tells what the vendor would refuse of a person, without the value; ""
// when nothing. The enums are the file's.
func (p person) check() string {
	for _, field := range []struct {
		name, value string
		known       []string
	}{
		{"title", p.Title, []string{"Mr", "Ms", "Dr", "Prof", "Mrs", "Other"}},
		{"gender", p.Gender, []string{"Female", "Male", "Other"}},
		{"identificationType", p.IdentificationType, []string{"SocialInsuranceNumber", "PassportNumber", "IdNumber", "DriverLicenseNumber"}},
	} {
		if field.value != "" && !slices.Contains(field.known, field.value) {
			return field.name + ": is not known."
		}
	}
	if p.LastName == "" {
		return "the last name is required."
	}
	return ""
}

// contains is the vendor's free-text search over a person: names, e-mail and
// company, and no phone number. The text is in lower case.
func (p person) contains(text string) bool {
	fields := []string{p.FirstName, p.LastName, p.Email}
	if p.Company != nil {
		fields = append(fields, p.Company.Name)
	}
	return slices.ContainsFunc(fields, func(field string) bool {
		return strings.Contains(strings.ToLower(field), text)
	})
}

// A paymentAccount is how a stay is paid. The payer's reference is written
// only, and tells whether the account can be charged.
type paymentAccount struct {
	AccountNumber        string `json:"accountNumber,omitempty"`
	AccountHolder        string `json:"accountHolder,omitempty"`
	ExpiryMonth          string `json:"expiryMonth,omitempty"`
	ExpiryYear           string `json:"expiryYear,omitempty"`
	PaymentMethod        string `json:"paymentMethod,omitempty"`
	PayerEmail           string `json:"payerEmail,omitempty"`
	PayerReference       string `json:"payerReference,omitempty"`
	TransactionReference string `json:"transactionReference,omitempty"`
	IsVirtual            bool   `json:"isVirtual"`
	InactiveReason       string `json:"inactiveReason,omitempty"`
}

// wire leaves out what is written only.
func (a paymentAccount) wire() any {
	active := a.PayerReference != ""
	a.PayerReference, a.TransactionReference = "", ""
	return struct {
		paymentAccount
		IsActive bool `json:"isActive"`
	}{a, active}
}
