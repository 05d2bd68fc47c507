// Package hotels holds the sample hotels that ship with VoiceHive.
package hotels

import _ "embed"

// Aurora is a hotel at the simulated Apaleo.
//
//go:embed hotel-aurora.yaml
var Aurora []byte
