package pii

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAPhoneIsNoOtherNumber(t *testing.T) {
	for text, want := range map[string]string{
		"call me on +447911123456": "PHONE_NUMBER:+447911123456", "+32471519044": "PHONE_NUMBER:+32471519044", "+36204083966": "PHONE_NUMBER:+36204083966",
		"+37122655907": "PHONE_NUMBER:+37122655907", "+12125552542": "PHONE_NUMBER:+12125552542", "+4915198841178": "PHONE_NUMBER:+4915198841178",
		"+4915123015909": "PHONE_NUMBER:+4915123015909", "004915123015909": "PHONE_NUMBER:004915123015909",
		"my mobile is 07911123456": "PHONE_NUMBER:07911123456", "call me, the card is 4111 1111 1111 1111": "CREDIT_CARD:4111 1111 1111 1111",
		"PESEL 44051401359, call me": "PL_PESEL:44051401359",
	} {
		assert.Equal(t, []string{want}, scanned(t, Request{Text: text}), text)
	}
	for _, text := range []string{"+4915198841178", "+4915123015909"} {
		assert.Empty(t, scanned(t, Request{Text: text, Entities: []Type{CreditCard, "PT_CC", "LU_MATRICULE"}}), text)
	}
}

func TestANameInAnAddressIsNoPerson(t *testing.T) {
	for _, text := range []string{"margaret dot oduya at example dot org", "margaret.oduya@example.org"} {
		got := scanned(t, Request{Text: "it is " + text + " please", Language: "en", Known: Known{Names: []string{"Margaret Oduya"}}})
		assert.Equal(t, []string{"EMAIL_ADDRESS:" + text}, got)
	}
}

func TestWhatEightDigitsAndALetterAre(t *testing.T) {
	for text, want := range map[string]string{
		"DOB: 04121979": "DATE_OF_BIRTH:04121979", "born 19791204": "DATE_OF_BIRTH:19791204", "tel 04121979": "PHONE_NUMBER:04121979",
		"+44 (0)20 7946 0958 x204": "PHONE_NUMBER:+44 (0)20 7946 0958 x204",
	} {
		assert.Equal(t, []string{want}, scanned(t, Request{Text: text}), text)
	}
}
