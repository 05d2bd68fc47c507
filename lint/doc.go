// Package lint keeps the house in order: imports point down only, floor by
// floor, each package says what it is for, and nothing is committed that has
// no place in the repository. All of it is tests; `make lint` runs them.
//
// It stands beside the floors and imports nothing of ours.
package lint
