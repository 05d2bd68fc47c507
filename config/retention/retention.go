// Package retention holds the terms after which data goes, as package
// compliance/retention reads them: our own, and what the law of each country
// demands. No lawyer has looked at them unless a file says so.
package retention

import "embed"

// Policies are the YAML files: one for every country, and one for all.
//
//go:embed *.yaml
var Policies embed.FS
