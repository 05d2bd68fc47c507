// Package redaction masks personal data that package pii found: operators, the
// policies that say which sink gets what, and the stream that masks a call's
// transcript while it is spoken.
//
// It fails closed: what cannot be looked through is not shown. Card data never
// leaves it in a form that anybody could turn back.
package redaction
