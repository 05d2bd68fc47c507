//go:build unix

// Package cluster runs a private PostgreSQL for development and tests: its own
// data directory, a random port on loopback, random passwords, and the two
// logins that package postgres asks for. Production has its own server and
// needs none of this.
//
// The server is a child of the process that started it and ends with it, also
// when that process is killed. The data stays: the next Start finds it.
//
// What lies in the directory:
//
//	lock              held while a server runs on the directory
//	credentials.json  the passwords, mode 0600
//	postgres.log      the server's messages since the last start
//	data              the data directory, or a link to it (see place.go)
package cluster
