package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"
)

// The causes an error of this package can have beside contexts and errnos.
// What net/http says itself is dropped: it quotes URLs with their queries, and
// bytes of malformed answers.
var (
	errNameLookup  = errors.New("the vendor's host name could not be resolved; check the endpoint and the DNS")
	errCertificate = errors.New("the vendor's certificate was not accepted; check the endpoint and the trust store")
	errTimeout     = errors.New("the time for the request ran out")
	errConnection  = errors.New("the connection failed")
	errTooLarge    = errors.New("the answer is larger than allowed")
	errMalformed   = errors.New("the answer is not what the vendor's contract says")
)

// cause reduces a transport error to what cannot hold guest data.
func cause(err error) error {
	var (
		errno       syscall.Errno
		dns         *net.DNSError
		unknownCA   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		invalid     x509.CertificateInvalidError
		certificate *tls.CertificateVerificationError
		timeout     net.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.As(err, &dns):
		return errNameLookup
	case errors.As(err, &certificate), errors.As(err, &unknownCA), errors.As(err, &hostname), errors.As(err, &invalid):
		return errCertificate
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.As(err, &timeout) && timeout.Timeout():
		return errTimeout
	}
	return errConnection
}
