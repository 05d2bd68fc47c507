// Package dsar is the workflow of one data-subject request: it sends the
// receipt, has the requester prove who they are, waits for people where people
// decide, has the right carried out and tells what came of it, and keeps the
// clock of Article 12(3) GDPR all the while.
//
// It does no I/O. What a person wrote, and everything that tells who asked, lies
// sealed with the case; payloads name it.
//
// It stands on the workflows floor.
package dsar
