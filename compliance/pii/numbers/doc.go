// Package numbers checks the digits that numbers carry against slips: cards,
// bank accounts, and the identity, tax, social-security, health and company
// numbers of the EU countries, the United Kingdom, Norway and Switzerland.
//
// It knows nothing of texts and nothing of pii, which finds such numbers and
// asks here. Each check was written from the public description of its scheme.
package numbers
