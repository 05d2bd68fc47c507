// Package wordings holds the exact words that guests are asked for consent in.
package wordings

import _ "embed"

// Consent are all versions of all wordings, as YAML.
//
//go:embed consent.yaml
var Consent []byte
