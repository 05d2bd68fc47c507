// Package objectstest runs the contracts of internal/objects on a real S3
// server: Versity's gateway over a folder, with versions, conditional writes and
// Object Lock. The same tests run on a fake in the product's own module; here
// they show that the fake is right. The server is a process of its own, which
// is killed while it writes.
//
// It is a module of its own, so that the product's go.mod never sees the many
// modules of an S3 server. Nothing of it is shipped. Its go.mod follows the
// product's: after a change there, `go vet -C objectstest -mod=mod ./...` brings
// it up to date.
package objectstest
