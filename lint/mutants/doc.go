// Package mutants holds mistakes that were put into connectors on purpose, in
// mutants.yaml, and a test that makes each of them in turn and looks whether
// the tests beside it notice. It stands beside the floors, as package lint
// does. `make mutants` runs it; it takes some minutes and changes no file.
package mutants
