package numbers

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestValuesAsPeopleBringThem(t *testing.T) {
	for _, c := range []struct {
		entity, value string
		valid, known  bool
	}{
		{"PL_IDENTITY_CARD", "ABA 300000", true, true}, {"pl.id", "ABA400000", false, true}, {"pl.dowod", "aba300000", true, true},
		{"be.ogm_vcs", "+++010/8068/17183+++", true, true}, {"be.ogm_vcs", "+++010/8068/17184+++", false, true},
		{"uk.vat", "GB980780684", true, true}, {"uk.vat", "GB802311781", false, true}, {"uk.nhs", "943-476-5870", true, true},
		{"fr.nif", "0701987765432", false, false}, {"fr.nif", "3023217600054", false, true},
		{"nl.bsn", "１１１２２２３３３", true, true}, {"nl.bsn", "111\u200b222\u2060333", true, true}, {"nl.bsn", "111\u00a0222\u2011333", true, true},
		{"IBAN_CODE", "ＤＥ89 3704 0044 0532 0130 00", true, true}, {"nl.bsn", "111222é333", false, true},
		{"es.cae", "ES00008V1488Q", false, false}, {"bogus.kind", "1", false, false},
	} {
		valid, known := Valid(c.entity, c.value)
		assert.Equal(t, [2]bool{c.valid, c.known}, [2]bool{valid, known}, "%s %q", c.entity, c.value)
	}
	assert.True(t, Known("es.cae"), "known, though it has no check digit")
	assert.False(t, Known("bogus.kind"))
}
