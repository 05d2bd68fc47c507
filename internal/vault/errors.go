package vault

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/hashicorp/vault/api"
)

// The kinds of failure; ask with errors.Is.
var (
	// ErrSealed: Vault runs and is sealed. Somebody must unseal it.
	ErrSealed = errors.New("the Vault is sealed; unseal it")
	// ErrDenied: Vault refused the login, or the policy forbids the path.
	ErrDenied = errors.New("denied by Vault")
	// ErrNotFound: nothing is stored there, or its last version was deleted.
	ErrNotFound = errors.New("nothing is stored there")
	// ErrConflict: somebody wrote a newer version in the meantime.
	ErrConflict = errors.New("there is a newer version by now")
	// ErrRefused: Vault does not understand the request, as when the mount is no
	// KV engine of version 2.
	ErrRefused = errors.New("refused by Vault as wrong")
	// ErrCiphertext: what should be decrypted was changed, is bound to something
	// else, or was encrypted under another key. Trying again does not help.
	ErrCiphertext = errors.New("it does not open under this key")
	// ErrUnavailable: Vault could not be reached or failed. A write may have
	// happened nevertheless: read before repeating it.
	ErrUnavailable = errors.New("no trustworthy answer from Vault")
)

// An Error is a failed call to Vault. It holds no token and no stored value.
type Error struct {
	Kind   error  // one of the Err values above
	Op     string // "read", "write", "log in" ...
	Path   string // the path in Vault
	Status int    // the HTTP status, 0 when there was none
	Detail string // what to look at; never Vault's own words
	Cause  error  // a context's or a connection's failure, else nil
}

// Error tells operation, path, kind and detail in one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "vault: %s %s: %v", e.Op, e.Path, e.Kind)
	if e.Detail != "" {
		fmt.Fprintf(&b, ": %s", e.Detail)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, " [HTTP %d]", e.Status)
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, " (%v)", e.Cause)
	}
	return b.String()
}

// Unwrap lets errors.Is find the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// failure classifies what Vault's client library answered.
func failure(op, path string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	f := &Error{Op: op, Path: path}
	var answered *api.ResponseError
	switch {
	case errors.As(err, &answered):
		f.Status = answered.StatusCode
		f.Detail, f.Kind = kindOf(answered)
	case errors.Is(err, api.ErrSecretNotFound):
		f.Kind = ErrNotFound
	default:
		f.Kind, f.Cause = ErrUnavailable, cause(err)
	}
	return f
}

func kindOf(answered *api.ResponseError) (detail string, kind error) {
	// Vault tells a conflict and its seal in words only. They are looked for and
	// never passed on.
	says := func(words string) bool {
		for _, line := range answered.Errors {
			if strings.Contains(line, words) {
				return true
			}
		}
		return false
	}
	switch status := answered.StatusCode; {
	case status == http.StatusForbidden:
		return "check the policy of the login's role", ErrDenied
	case status == http.StatusNotFound:
		return "", ErrNotFound
	case status == http.StatusBadRequest && says("check-and-set"):
		return "", ErrConflict
	case status == http.StatusServiceUnavailable && says("sealed"):
		return "", ErrSealed
	case status == http.StatusTooManyRequests, status == http.StatusPreconditionFailed, status >= 470:
		return "", ErrUnavailable
	}
	return "check the mount: it must be a KV engine of version 2", ErrRefused
}

// errExchange stands for failures whose text could quote an answer.
var errExchange = errors.New("the exchange failed")

// cause reduces a failure of the connection to what cannot hold a secret.
func cause(err error) error {
	var (
		connection  *net.OpError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, errTooLarge):
		return errTooLarge
	case errors.As(err, &certificate):
		return certificate
	case errors.As(err, &connection):
		return connection
	}
	return errExchange
}
