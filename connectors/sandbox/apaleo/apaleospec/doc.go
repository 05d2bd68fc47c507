// Package apaleospec holds requests to Apaleo, and the sandbox's answers,
// against the vendor's own published Swagger files.
//
// It stands beside the sandbox and is used by tests: put Middleware in front
// of a sandbox, and every request of a connector and every answer of the
// sandbox is checked. A connector that passes speaks Apaleo and not merely the
// sandbox's idea of it.
//
// Three things are checked apart:
//   - Operations of the vendor's files, against those files, more strictly
//     than they ask: fields and query parameters they do not name are
//     findings too, for they are most likely misspelt.
//   - Operations whose files cannot be had (token, rate plans, availability,
//     webhook subscriptions), against prose.yaml, which we wrote by hand. A
//     pass there proves agreement with our reading only; Operation.Prose marks
//     them.
//   - Known drift between the files (2019 to 2021) and today, and quirks of
//     the tools: each by name and with its reason, in Drift.
//
// The vendor's files are not part of this repository. They are looked for in
// the folder that VOICEHIVE_VENDOR_SPECS names, else in ../shared/vendors
// beside the repository's root.
package apaleospec
