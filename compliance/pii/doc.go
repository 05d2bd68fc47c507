// Package pii finds personal data in the text of hotel calls: what is written,
// what is spoken, and what the call knows already.
//
// It stands on the compliance floor. It reads no file, calls no network and
// keeps nothing of a text; compliance/pii/redaction masks what it finds.
package pii
