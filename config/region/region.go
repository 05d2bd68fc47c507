// Package region holds the rules by which package compliance/region tells where
// a host stands: the countries of the EEA, and which host names of which
// providers say which region.
package region

import "embed"

// Rules are the YAML files. Each may hold any part of the rules.
//
//go:embed *.yaml
var Rules embed.FS
