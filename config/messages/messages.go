// Package messages holds the texts that guests receive, one file for each
// language, and the authorities that they may complain to. The letters of
// activities/notification are made of them; docs/messages.md tells how.
package messages

import "embed"

// Files are the languages, by the name of each: de.yaml.
//
//go:embed ??.yaml
var Files embed.FS

// Authorities are the data protection authorities by country.
//
//go:embed authorities.yaml
var Authorities []byte
