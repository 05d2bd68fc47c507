// Package access carries out what a guest asks for under Articles 15, 16, 20
// and 21 GDPR: it packs what is kept of a person, corrects it, and stops what
// the person objects to.
//
// A pack is one zip: data for machines with a published schema (JSON), pages
// for people in their language (HTML), transcripts and audio. It is written as
// a stream, sealed under the case's key, and never lies on a disk in the
// clear. What is said of other people in it is masked. A link hands it out
// once: whoever has the database cannot make the link out of it.
//
// In the house it is part of the compliance floor, above packages calls,
// consent, subjects and register. The access activities call it.
package access
